import { extensionFields, isExtensionNumber } from '@tetragon-ts/api'
import { agentFiles } from '@tetragon-ts/api/proto'
import { original } from './reference/original.ts'
import { readProto } from './reference/proto.ts'
import {
  better,
  compare,
  type Exception,
  type Exceptions,
  leftOut,
  type Section,
  same,
} from './table.ts'

const hookFields = 'accepted; events do not have it'

/**
 * By field; `Pod.*` stands for all fields of a message. Every field is declared, with its number.
 */
const exceptions: Exceptions = {
  'Container.start_time': same('when the runtime created the container'),
  'Process.pod': better('part of the first event of a container; no event waits for it'),
  'GetEventsResponse.node_labels': same('with --enable-k8s-api, as soon as they are known'),
  'GetEventsResponse.test': leftOut('for tests of the original'),
  'GetEventsResponse.aggregation_info': better('aggregation is implemented'),
  'ProcessLoader.buildid': better('also on kernels before 5.12: read from the file'),
  'Test.*': leftOut('for tests of the original'),
  'CreateContainer.rootDir': leftOut(hookFields),
  'CreateContainer.mounts': leftOut(hookFields),
  'Mount.*': leftOut(hookFields),
  'AggregationOptions.window_size': better('aggregation is implemented'),
  'AggregationOptions.channel_buffer_size': better(
    'a window ends early when it has this many different events',
  ),
  'RedactionFilter.match': same('deprecated in the original: ignored'),
  'KprobeArgument.user_namespace_arg': same(
    'deprecated in the original: user_ns_arg is sent instead',
  ),
  'TracingPolicyStatus.filter_id': leftOut(
    'always 0: programs of a policy decide about pods, without a filter that has a number',
  ),
  'TracingPolicyStatus.hook_statuses': better('includes the attach method'),
  'GetInfoResponse.BuildInfo.go_version': same('`node` and the version of Node.js'),
  'ProcessInternal.refcnt_ops': leftOut('references are not counted by operation'),
}

const ours = readProto(new URL('../../../packages/api/proto/tetragon/', import.meta.url))

const types = agentFiles.flatMap((file) =>
  (file.types ?? []).map((type) => ({ ...type, package: file.package })),
)

/** Declarations that differ from the original; clients would misinterpret them. */
function otherDeclarations(
  wanted: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): string[] {
  return [...wanted]
    .filter(([name, declaration]) => found.get(name) !== declaration)
    .map(([name, declaration]) => `${name} is ${found.get(name)} instead of ${declaration}`)
}

/** Our fields in messages of the original, with errors. */
function extensions() {
  const own = [...ours.fields].filter(([name]) => !original.fields.has(name))
  const known: Readonly<Record<string, { number: number; meaning: string }>> = extensionFields
  const problems = own.flatMap(([name, declaration]) => {
    const number = Number(/= (\d+)/.exec(declaration)?.[1])
    if (known[name]?.number !== number) return [`${name} is not in the table of extension fields`]
    return isExtensionNumber(number) ? [] : [`${name} has a number of the original: ${number}`]
  })
  const stale = Object.keys(known).filter((name) => !own.some(([other]) => other === name))
  return {
    entries: own.map(([name]) => {
      const { number, meaning } = known[name] ?? { number: 0, meaning: '' }
      return { name, note: `field ${number}: ${meaning}` }
    }),
    problems: [...problems, ...stale.map((name) => `${name} is in the table, and not declared`)],
  }
}

/** The fields of the messages. */
export function messageSection(): Section {
  const byField: Record<string, Exception> = {}
  const used = new Set<string>()
  const names = [...original.fields.keys()]
  for (const name of names) {
    const whole = `${name.slice(0, name.lastIndexOf('.'))}.*`
    const key = name in exceptions ? name : whole
    if (!(key in exceptions)) continue
    byField[name] = exceptions[key]
    used.add(key)
  }
  const { entries, problems } = compare({
    theirs: names,
    ours: new Set(ours.fields.keys()),
    exceptions: byField,
    understood: () => true,
  })
  const stale = Object.keys(exceptions).filter((key) => !used.has(key))
  const added = extensions()
  const inspected = types.filter((type) => type.package !== 'tetragon')
  return {
    title: 'Messages',
    intro:
      'All messages and fields are declared with the types and numbers of the original, so that its ' +
      'clients understand them. Fields that never have a value are omitted. Fields that we add to ' +
      'messages of the original have numbers from 2000 on, which its clients ignore. Programs that ' +
      'decode exported JSON strictly need `--export-extension-fields=false`.',
    entries,
    wholes: 'all fields of',
    ours: [
      ...added.entries,
      ...inspected.map(({ name, kind, ...rest }) => ({
        name: `${rest.package}.${name}`,
        note: kind === 'enum' ? 'an enumeration' : 'a message',
      })),
    ],
    problems: [
      ...problems,
      ...otherDeclarations(original.fields, ours.fields),
      ...added.problems,
      ...stale.map((key) => `${key} has a note, but Tetragon does not have it`),
    ],
  }
}

/** The enumerations; one row each. */
export function valueSection(): Section {
  return {
    title: 'Enumerations',
    intro: 'All values, with the numbers of the original.',
    entries: [...original.enums].map(([name, count]) => ({
      name,
      state: 'same' as const,
      note: `${count} values`,
    })),
    ours: [...ours.values.keys()]
      .filter((name) => !original.values.has(name))
      .map((name) => ({ name, note: 'a value' })),
    problems: otherDeclarations(original.values, ours.values),
  }
}
