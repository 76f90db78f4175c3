import { type Filter, findEventKind } from '@tetragon-ts/api'
import { expressionFields } from '@tetragon-ts/policy/filters'
import {
  type AncestorKind,
  ancestorKinds,
  type EventDetail,
  type ExecFields,
} from '../event-content.ts'

/**
 * What a filter tests: `export` filters see all ancestors in the process cache, `stream` filters
 * only those that the event includes.
 */
type Subject = 'export' | 'stream'

interface OptionalField {
  readonly isIncluded: (detail: EventDetail) => boolean
  /** The option that it lacks, or those that it may be given. */
  readonly option: string | ((detail: EventDetail) => string)
}

/** Sources of labels and annotations. */
const podSources = '--enable-k8s-api, --enable-cri or --enable-nri'

const credentials: OptionalField = {
  isIncluded: ({ content }) => content.credentials,
  option: '--enable-process-cred',
}

const execField = (name: string, isIncluded: (fields: ExecFields) => boolean): OptionalField => ({
  isIncluded: ({ content }) => isIncluded(content.exec),
  option: `--exec-fields=${name}`,
})
const argv = execField('argv', (fields) => fields.argv)
const environmentNames = execField('environment', (fields) => fields.variables)

const session = execField('session', (fields) => fields.session)

const labels: OptionalField = { isIncluded: ({ content }) => content.podLabels, option: podSources }

const workloads: OptionalField = {
  isIncluded: ({ content }) => content.podWorkloads,
  option: '--enable-k8s-api',
}

/** Fields that events have only with an option. */
const optionalFields: Readonly<Record<string, OptionalField>> = {
  'Process.cap': credentials,
  'Process.process_credentials': credentials,
  'Process.binary_properties': credentials,
  'Process.ns': { isIncluded: ({ content }) => content.namespaces, option: '--enable-process-ns' },
  'Process.user': {
    isIncluded: ({ content }) => content.userNames,
    option: '--username-metadata=unix',
  },
  'Process.environment_variables': {
    isIncluded: ({ environment }) => environment,
    option: '--enable-process-environment-variables',
  },
  'Process.executable': execField('executable', (fields) => fields.executable),
  'Process.argv': argv,
  'Process.argv_truncated': argv,
  'Process.environment_names': environmentNames,
  'Process.environment_names_truncated': environmentNames,
  'Process.upper_layer': execField('layer', (fields) => fields.layer),
  'Process.session_id': session,
  'Process.session_leader_exec_id': session,
  'Process.tty': session,
  'Pod.pod_labels': labels,
  'Pod.workload': workloads,
  'Pod.workload_kind': workloads,
  'Pod.pod_annotations': {
    isIncluded: ({ content }) => content.podAnnotations,
    option: ({ content }) => {
      const own = '--enable-pod-annotations'
      return content.podLabels ? own : `${own} and ${podSources}`
    },
  },
  'StackTraceEntry.address': {
    isIncluded: ({ content }) => content.stackAddresses,
    option: '--expose-stack-addresses',
  },
  ...ancestorFields('ProcessExec', 'base'),
  ...ancestorFields('ProcessExit', 'base'),
  ...ancestorFields('ProcessKprobe', 'kprobe'),
  ...ancestorFields('ProcessTracepoint', 'tracepoint'),
  ...ancestorFields('ProcessLoader', 'loader'),
  ...ancestorFields('ProcessUprobe', 'uprobe'),
  ...ancestorFields('ProcessLsm', 'lsm'),
  ...ancestorFields('ProcessUsdt', 'usdt'),
}

function ancestorFields(message: string, kind: AncestorKind): Record<string, OptionalField> {
  const field = ancestors(kind)
  return { [`${message}.ancestors`]: field, [`${message}.ancestors_truncated`]: field }
}

function ancestors(kind: AncestorKind): OptionalField {
  // All kinds require base.
  const kinds = kind === 'base' ? kind : `base,${kind}`
  return {
    isIncluded: ({ content }) => content.ancestors.includes(kind),
    option: `--enable-ancestors=${kinds}`,
  }
}

/** Kinds of `--enable-ancestors` that cover a filter's events. */
function kindsOf({ event_set = [] }: Filter): readonly AncestorKind[] {
  if (event_set.length === 0) return ancestorKinds
  const names = event_set.map((type) => findEventKind(type)?.key.replace('process_', ''))
  return ancestorKinds.filter((kind) =>
    kind === 'base' ? names.includes('exec') || names.includes('exit') : names.includes(kind),
  )
}

/** A field that a filter tests although no event includes it. */
function findMissingField(
  filter: Filter,
  detail: EventDetail,
  subject: Subject,
): { readonly what: string; readonly option: OptionalField['option'] } | undefined {
  if (filter.capabilities && !detail.content.credentials) {
    return { what: 'capabilities', option: credentials.option }
  }
  if (filter.labels?.length && !labels.isIncluded(detail)) {
    return { what: 'labels', option: labels.option }
  }
  if (subject === 'stream' && filter.ancestor_binary_regex?.length) {
    // If some of its events include them, the filter can match.
    const [first, ...more] = kindsOf(filter).map(ancestors)
    const isIncluded =
      first === undefined || [first, ...more].some((field) => field.isIncluded(detail))
    if (!isIncluded) return { what: 'ancestor_binary_regex', option: first.option }
  }
  for (const what of expressionFields(filter)) {
    const field = Object.hasOwn(optionalFields, what) ? optionalFields[what] : undefined
    if (field !== undefined && !field.isIncluded(detail)) return { what, option: field.option }
  }
  return undefined
}

/**
 * Why filters would silently match nothing, with the option that adds the missing field; undefined
 * if events include all fields that the filters test. The filters must be prepared and compiled.
 */
export function missingFieldReason(
  filters: readonly Filter[],
  detail: EventDetail,
  subject: Subject,
): string | undefined {
  for (const filter of filters) {
    const found = findMissingField(filter, detail, subject)
    if (found !== undefined) {
      const { what, option } = found
      const lacking = typeof option === 'string' ? option : option(detail)
      return `filter events by ${what}: events include it only with ${lacking}`
    }
  }
  return undefined
}
