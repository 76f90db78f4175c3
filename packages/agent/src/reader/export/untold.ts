import { expressionFields, type Filter, findEventKind } from '@tetragon-ts/api'
import { type AncestorKind, ancestorKinds, type ToldContent } from '../event-content.ts'

/**
 * Where filters look at events: in the export ancestors are those that the agent knows, told or
 * not; in a stream they are those that the event tells.
 */
type Place = 'export' | 'stream'

interface OptionalField {
  readonly isTold: (told: ToldContent) => boolean
  readonly option: string
}

const credentials: OptionalField = {
  isTold: ({ content }) => content.credentials,
  option: '--enable-process-cred',
}

const labels: OptionalField = {
  isTold: ({ content }) => content.podLabels,
  option: '--enable-k8s-api',
}

/** Fields that events have only when asked to. */
const optionalFields: Readonly<Record<string, OptionalField>> = {
  'Process.cap': credentials,
  'Process.process_credentials': credentials,
  'Process.binary_properties': credentials,
  'Process.ns': { isTold: ({ content }) => content.namespaces, option: '--enable-process-ns' },
  'Process.user': {
    isTold: ({ content }) => content.userNames,
    option: '--username-metadata=unix',
  },
  'Process.environment_variables': {
    isTold: ({ environment }) => environment,
    option: '--enable-process-environment-variables',
  },
  'Pod.pod_labels': labels,
  'Pod.workload': labels,
  'Pod.workload_kind': labels,
  'Pod.pod_annotations': {
    isTold: ({ content }) => content.podAnnotations,
    option: '--enable-k8s-api --enable-pod-annotations',
  },
  'StackTraceEntry.address': {
    isTold: ({ content }) => content.stackAddresses,
    option: '--expose-stack-addresses',
  },
  'ProcessExec.ancestors': ancestors('base'),
  'ProcessExit.ancestors': ancestors('base'),
  'ProcessKprobe.ancestors': ancestors('kprobe'),
  'ProcessTracepoint.ancestors': ancestors('tracepoint'),
  'ProcessLoader.ancestors': ancestors('loader'),
  'ProcessUprobe.ancestors': ancestors('uprobe'),
  'ProcessLsm.ancestors': ancestors('lsm'),
  'ProcessUsdt.ancestors': ancestors('usdt'),
}

function ancestors(kind: AncestorKind): OptionalField {
  // No kind has ancestors without the base.
  const kinds = kind === 'base' ? kind : `base,${kind}`
  return {
    isTold: ({ content }) => content.ancestors.includes(kind),
    option: `--enable-ancestors=${kinds}`,
  }
}

/** Kinds of `--enable-ancestors` that stand for a filter's events. */
function kindsOf({ event_set = [] }: Filter): readonly AncestorKind[] {
  if (event_set.length === 0) return ancestorKinds
  const names = event_set.map((type) => findEventKind(type)?.key.replace('process_', ''))
  return ancestorKinds.filter((kind) =>
    kind === 'base' ? names.includes('exec') || names.includes('exit') : names.includes(kind),
  )
}

/** What a filter tests although no event includes it. */
function untold(
  filter: Filter,
  told: ToldContent,
  place: Place,
): { readonly what: string; readonly option: string } | undefined {
  if (filter.capabilities && !told.content.credentials) {
    return { what: 'capabilities', option: credentials.option }
  }
  if (filter.labels?.length && !labels.isTold(told)) {
    return { what: 'labels', option: labels.option }
  }
  if (place === 'stream' && filter.ancestor_binary_regex?.length) {
    // If some of its events include them, the filter can match.
    const [first, ...more] = kindsOf(filter).map(ancestors)
    const isTold = first === undefined || [first, ...more].some((field) => field.isTold(told))
    if (!isTold) return { what: 'ancestor_binary_regex', option: first.option }
  }
  for (const what of expressionFields(filter)) {
    const field = Object.hasOwn(optionalFields, what) ? optionalFields[what] : undefined
    if (field !== undefined && !field.isTold(told)) return { what, option: field.option }
  }
  return undefined
}

/**
 * Why filters would silently match nothing, and with which option they would; undefined if events
 * tell all that they look at. The filters must have been prepared and compiled.
 */
export function whyUntold(
  filters: readonly Filter[],
  told: ToldContent,
  place: Place,
): string | undefined {
  for (const filter of filters) {
    const found = untold(filter, told, place)
    if (found !== undefined) {
      return `filter events by ${found.what}: the agent tells that only with ${found.option}`
    }
  }
  return undefined
}
