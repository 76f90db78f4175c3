import { agentFiles } from './modules.ts'
import { enums as theirEnums } from './reference/enums.ts'
import { messages as theirs } from './reference/messages.ts'
import {
  better,
  compare,
  type Exception,
  type Exceptions,
  leftOut,
  type Section,
  same,
} from './table.ts'

const noPods = 'pods are not known yet'
const noProbes = 'there are no uprobes, USDT probes and loader events yet'
const noEnforcement = 'policies observe only, so far'

/**
 * By field; `Pod.*` stands for all fields of a message. Every field is declared, with its number.
 */
const exceptions: Exceptions = {
  'Image.*': leftOut(noPods),
  'SecurityContext.*': leftOut(noPods),
  'Container.*': leftOut(noPods),
  'Pod.*': leftOut(noPods),
  'Process.pod': leftOut(noPods),
  'GetEventsResponse.node_labels': leftOut(noPods),
  'GetEventsResponse.process_loader': leftOut(noProbes),
  'GetEventsResponse.process_uprobe': leftOut(noProbes),
  'GetEventsResponse.process_usdt': leftOut(noProbes),
  'GetEventsResponse.test': leftOut('for tests of the original'),
  'GetEventsResponse.aggregation_info': better('events really are aggregated'),
  'ProcessLoader.*': leftOut(noProbes),
  'ProcessUprobe.*': leftOut(noProbes),
  'ProcessUsdt.*': leftOut(noProbes),
  'Test.*': leftOut('for tests of the original'),
  'RuntimeHookRequest.*': leftOut('no hooks of the container runtime are needed'),
  'CreateContainer.*': leftOut('no hooks of the container runtime are needed'),
  'Mount.*': leftOut('no hooks of the container runtime are needed'),
  'AggregationOptions.window_size': better('events really are aggregated'),
  'AggregationOptions.channel_buffer_size': better('more different events than that end a window'),
  'RedactionFilter.match': same('deprecated there: not looked at'),
  'KprobeArgument.user_namespace_arg': same('deprecated there: never sent, user_ns_arg is'),
  'TracingPolicyStatus.filter_id': same('always 0 until pods are known'),
  'TracingPolicyStatus.hook_statuses': better('with the way into the kernel that was taken'),
  'TracingPolicyActionCounters.signal': leftOut(noEnforcement),
  'TracingPolicyActionCounters.override': leftOut(noEnforcement),
  'TracingPolicyActionCounters.notify_enforcer': leftOut(noEnforcement),
  'TracingPolicyActionCounters.set': leftOut(noEnforcement),
  'TracingPolicyActionCounters.monitor_set': leftOut(noProbes),
  'GetInfoResponse.build': leftOut('facts about a build in Go'),
  'GetInfoResponse.BuildInfo.*': leftOut('facts about a build in Go'),
  'ProcessInternal.refcnt_ops': leftOut('references are not counted by operation'),
}

const types = agentFiles.flatMap((file) =>
  (file.types ?? []).map((type) => ({ ...type, package: file.package })),
)

/** Numbers by `Message.field`, or by `Enumeration.VALUE`. */
function numbers(of: 'message' | 'enum'): Map<string, number> {
  const all = new Map<string, number>()
  for (const type of types) {
    if (type.package !== 'tetragon' || type.kind !== of) continue
    const values = type.kind === 'enum' ? Object.entries(type.values) : fieldNumbers(type.fields)
    for (const [name, number] of values) all.set(`${type.name}.${name}`, number as number)
  }
  return all
}

function fieldNumbers(fields: Readonly<Record<string, { readonly number: number }>>) {
  return Object.entries(fields).map(([name, { number }]) => [name, number] as const)
}

function flat(byType: Readonly<Record<string, Readonly<Record<string, number>>>>) {
  return Object.entries(byType).flatMap(([type, fields]) =>
    Object.entries(fields).map(([name, number]) => [`${type}.${name}`, number] as const),
  )
}

/** Names whose numbers are others here; clients would misunderstand us. */
function otherNumbers(
  wanted: readonly (readonly [string, number])[],
  ours: ReadonlyMap<string, number>,
): string[] {
  return wanted
    .filter(([name, number]) => ours.get(name) !== number)
    .map(([name, number]) => `${name} has number ${ours.get(name)} instead of ${number}`)
}

/** The fields of the messages. */
export function messageSection(): Section {
  const wanted = flat(theirs)
  const ours = numbers('message')
  const byField: Record<string, Exception> = {}
  const used = new Set<string>()
  for (const [name] of wanted) {
    const whole = `${name.slice(0, name.lastIndexOf('.'))}.*`
    const key = name in exceptions ? name : whole
    if (!(key in exceptions)) continue
    byField[name] = exceptions[key]
    used.add(key)
  }
  const names = wanted.map(([name]) => name)
  const { entries, problems } = compare({
    ...{ theirs: names, ours: new Set(ours.keys()), exceptions: byField },
    understood: () => true,
  })
  const stale = Object.keys(exceptions).filter((key) => !used.has(key))
  const known = new Set<string>(names)
  const own = [...ours.keys()].filter((name) => !known.has(name))
  const inspected = types.filter((type) => type.package !== 'tetragon')
  return {
    title: 'Messages',
    intro:
      'All messages and fields are declared with the numbers of the original, so that its clients ' +
      'understand what comes. Left out are fields that never hold anything.',
    entries,
    ours: [
      ...own.map((name) => ({ name, note: 'a field' })),
      ...inspected.map(({ name, kind, ...rest }) => ({
        name: `${rest.package}.${name}`,
        note: kind === 'enum' ? 'an enumeration' : 'a message',
      })),
    ],
    problems: [
      ...problems,
      ...otherNumbers(wanted, ours),
      ...stale.map((key) => `${key} has a note, but Tetragon does not have it`),
    ],
  }
}

/** The enumerations; one row each. */
export function valueSection(): Section {
  const wanted = flat(theirEnums)
  const ours = numbers('enum')
  const known = new Set<string>(wanted.map(([name]) => name))
  return {
    title: 'Enumerations',
    intro: 'All values, with the numbers of the original.',
    entries: Object.entries(theirEnums).map(([name, values]) => ({
      ...{ name, state: 'same' as const, note: `${Object.keys(values).length} values` },
    })),
    ours: [...ours.keys()]
      .filter((name) => !known.has(name))
      .map((name) => ({ name, note: 'a value' })),
    problems: otherNumbers(wanted, ours),
  }
}
