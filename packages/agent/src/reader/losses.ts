import { type LossKind, lossKinds } from '@tetragon-ts/sensors'
import type { CounterName, Counters } from './counters.ts'

/** Sources of losses. */
export interface LossSource {
  /** Lost in the kernel, by kind. */
  losses(): Readonly<Record<LossKind, number>>
  /** Upper bound of hook hits that the kernel skipped. */
  possiblyMissed(): number
  /** Requests of GetUrl and DnsLookup that were dropped outside of the reader. */
  droppedRequests(): number
  readonly counters: Counters
}

/** A kind of loss, with all of its names. */
interface LossDeclaration {
  /** Where it is lost. */
  readonly stage: 'kernel' | 'reader' | 'export'
  /** Its name in metrics, besides the stage. */
  readonly kind: string
  /** Its name in the log; undefined: it is not logged. */
  readonly text?: string
  /** Its name in GetLosses; undefined: it is not included. */
  readonly inspected?: string
}

/** A loss with its number since the start. */
export interface Loss extends LossDeclaration {
  readonly total: number
}

/** Counters of the kernel side that are not losses. */
const kernelTexts: Partial<Record<LossKind, string>> = {
  rate_limited: 'held back by rate limits',
  unreadable: 'events posted with an unreadable argument',
  backlog: 'records of processes whose events are not posted: lost in the kernel',
  enforcement_failed: 'enforcing actions that the kernel refused',
}

const kernelLosses = lossKinds.map((kind) => ({
  ...({ stage: 'kernel', kind, inspected: kind } as const),
  text: kernelTexts[kind] ?? `lost in the kernel (${kind})`,
}))

const missedHits: LossDeclaration = {
  stage: 'kernel',
  kind: 'hits_missed_at_most',
  text: 'hook hits skipped by the kernel, upper bound',
  inspected: 'possibly_missed',
}

/** Losses that the reader counts or reads, by counter. */
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
    text: 'hook events with an unknown process or image after a loss',
  },
  unknownHooks: { stage: 'reader', kind: 'unknown_hook' },
  returnsLost: { stage: 'reader', kind: 'return', inspected: 'returns' },
  undecided: { stage: 'reader', kind: 'unreadable' },
  undecidedPods: {
    stage: 'reader',
    kind: 'unknown_workload',
    text: 'events posted although the pod was unknown to their policy',
    inspected: 'unknown_workloads',
  },
  refusalsLost: {
    stage: 'reader',
    kind: 'refusal',
    text: 'refusals not reported: the record of the first equal one was lost',
    inspected: 'refusals',
  },
  piecesEvicted: { stage: 'reader', kind: 'long_data' },
  loaderLost: {
    stage: 'kernel',
    kind: 'loader',
    text: 'mappings lost in the kernel (loader)',
    inspected: 'loader',
  },
  loaderUnknown: {
    stage: 'reader',
    kind: 'loader_process',
    text: 'loader events with an unknown process or image',
  },
  loaderIdsMissed: {
    stage: 'reader',
    kind: 'build_id',
    text: 'build ids not read: a file system does not respond',
  },
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
  unnamedFrames: {
    stage: 'reader',
    kind: 'symbol',
    text: 'frames without symbol: it was not found in time',
    inspected: 'symbols',
  },
  enforcementsUnwritten: {
    stage: 'export',
    kind: 'enforcement',
    text: 'events of enforced actions could not be written',
    inspected: 'sink_enforcement',
  },
  processesUnwritten: {
    stage: 'export',
    kind: 'process',
    text: 'events of execs, exits and losses could not be written',
    inspected: 'sink_process',
  },
  hooksUnwritten: {
    stage: 'export',
    kind: 'hook',
    text: 'hook events could not be written',
    inspected: 'sink_hook',
  },
} as const satisfies Partial<Record<CounterName, LossDeclaration>>

/** All losses since the start, except those of clients, which only the server knows. */
export function readLosses(source: LossSource): readonly Loss[] {
  const inKernel = source.losses()
  return [
    ...kernelLosses.map((loss) => ({ ...loss, total: inKernel[loss.kind] })),
    { ...missedHits, total: source.possiblyMissed() },
    ...(Object.keys(readerLosses) as (keyof typeof readerLosses)[]).map((counter) => ({
      ...readerLosses[counter],
      total:
        source.counters.get(counter) +
        (counter === 'requestsDropped' ? source.droppedRequests() : 0),
    })),
  ]
}
