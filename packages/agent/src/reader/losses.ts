import { type LossKind, lossKinds } from '@tetragon-ts/sensors'
import type { CounterName, Counters } from './counters.ts'

/** What losses are read from. */
export interface LossSource {
  /** Lost in the kernel, by kind. */
  losses(): Readonly<Record<LossKind, number>>
  /** Hits of hooks that the kernel left out, at most. */
  possiblyMissed(): number
  readonly counters: Counters
}

/** Something that can be lost, under all of its names. */
interface LossDeclaration {
  /** Where it is lost. */
  readonly stage: 'kernel' | 'reader' | 'export'
  /** Its name among the metrics, with the stage. */
  readonly kind: string
  /** How the log calls it; undefined: it is not logged. */
  readonly text?: string
  /** Its name in the answer of GetLosses; undefined: it is not there. */
  readonly inspected?: string
}

/** A loss with its number since the start. */
export interface Loss extends LossDeclaration {
  readonly total: number
}

/** What is counted among the losses of the kernel and is none. */
const kernelTexts: Partial<Record<LossKind, string>> = {
  rate_limited: 'held back by rate limits',
  unreadable: 'events posted with an argument that could not be read',
}

const kernelLosses = lossKinds.map((kind) => ({
  ...({ stage: 'kernel', kind, inspected: kind } as const),
  text: kernelTexts[kind] ?? `lost in the kernel (${kind})`,
}))

const missedHits: LossDeclaration = {
  stage: 'kernel',
  kind: 'hits_missed_at_most',
  text: 'hook hits left out by the kernel, at most',
  inspected: 'possibly_missed',
}

/** Losses that the reader counts, by counter. */
const readerLosses = {
  unknownExits: { stage: 'reader', kind: 'unknown_exit', text: 'exits of unknown processes' },
  lostExits: { stage: 'reader', kind: 'exit', text: 'processes whose exit record was lost' },
  hooksShed: {
    stage: 'reader',
    kind: 'hook',
    text: 'hook records skipped in favour of process records',
  },
  staleProcesses: {
    stage: 'reader',
    kind: 'stale_process',
    text: 'hook events whose process or image is not known after a loss',
  },
  unknownHooks: { stage: 'reader', kind: 'unknown_hook' },
  returnsLost: { stage: 'reader', kind: 'return', inspected: 'returns' },
  undecided: { stage: 'reader', kind: 'unreadable' },
  piecesEvicted: { stage: 'reader', kind: 'long_data' },
  podsUnsafe: { stage: 'reader', kind: 'pod_unsafe' },
  podsUnreadable: { stage: 'reader', kind: 'pod_unreadable' },
  podsTooLarge: { stage: 'reader', kind: 'pod_too_large' },
  podsMalformed: { stage: 'reader', kind: 'pod_malformed' },
  requestsDropped: {
    stage: 'reader',
    kind: 'user_request',
    text: 'requests of GetUrl and DnsLookup dropped',
    inspected: 'requests',
  },
  sinkLost: {
    stage: 'export',
    kind: 'event',
    text: 'events could not be written',
    inspected: 'sink',
  },
} as const satisfies Partial<Record<CounterName, LossDeclaration>>

/** Everything that was lost since the start. What clients lose only the server knows. */
export function readLosses(source: LossSource): readonly Loss[] {
  const inKernel = source.losses()
  return [
    ...kernelLosses.map((loss) => ({ ...loss, total: inKernel[loss.kind] })),
    { ...missedHits, total: source.possiblyMissed() },
    ...(Object.keys(readerLosses) as (keyof typeof readerLosses)[]).map((counter) => ({
      ...readerLosses[counter],
      total: source.counters.get(counter),
    })),
  ]
}
