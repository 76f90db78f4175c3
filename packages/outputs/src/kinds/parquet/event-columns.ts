import { type Event, hookEvents, type Process } from '@tetragon-ts/api'
import { nanosecondsOf } from '../../events/event-fields.ts'

/** Types of columns. */
export type ColumnType = 'text' | 'texts' | 'json' | 'time' | 'uint32' | 'uint64'

/** A column of the files. Values that do not have its type are null. */
export interface EventColumn {
  readonly name: string
  readonly type: ColumnType
  readonly value: (event: EventParts) => unknown
}

/** An event as the columns read it. */
export interface EventParts {
  readonly event: Event
  /** The line of the event. */
  readonly line: Buffer
  readonly body: Readonly<Record<string, unknown>>
  readonly process: Process | undefined
  readonly parent: Process | undefined
  readonly container: Container | undefined
  /** The body of a hit of a policy; empty for other events. */
  readonly hook: Readonly<Record<string, unknown>>
}

type Container = NonNullable<Process['container']>

/** The parts of an event; undefined if it has no fields. */
export function partsOf(event: Event, line: Buffer): EventParts | undefined {
  if (typeof event.body !== 'object' || event.body === null) return undefined
  const body = event.body as Readonly<Record<string, unknown>>
  const process = body.process as Process | undefined
  const isHook = Object.hasOwn(hookEvents, event.key)
  return {
    event,
    line,
    body,
    process,
    parent: body.parent as Process | undefined,
    container: (process?.pod?.container ?? process?.container) as Container | undefined,
    hook: isHook ? body : {},
  }
}

function column(
  name: string,
  type: ColumnType,
  value: (event: EventParts) => unknown,
): EventColumn {
  return { name, type, value }
}

/**
 * The columns of `tetra query` (packages/tetra/src/query/event-columns.ts), with the same names and
 * values: it reads files of both origins as one.
 */
export const eventColumns: readonly EventColumn[] = [
  column('time', 'time', ({ event }) => event.response.time),
  column('node', 'text', ({ event }) => event.response.node_name),
  column('kind', 'text', ({ event }) => event.key),
  column('exec_id', 'text', ({ process }) => process?.exec_id),
  column('pid', 'uint32', ({ process }) => process?.pid),
  column('uid', 'uint32', ({ process }) => process?.uid),
  column('auid', 'uint32', ({ process }) => process?.auid),
  column('user_name', 'text', ({ process }) => process?.user?.name),
  column('program', 'text', ({ process }) => process?.binary),
  column('arguments', 'text', ({ process }) => process?.arguments),
  column('cwd', 'text', ({ process }) => process?.cwd),
  column('flags', 'text', ({ process }) => process?.flags),
  column('start_time', 'time', ({ process }) => process?.start_time),
  column('executable', 'text', ({ process }) => process?.executable),
  column('tty', 'text', ({ process }) => process?.tty),
  column('properties', 'json', ({ process }) => process?.binary_properties),
  column('parent_exec_id', 'text', ({ process }) => process?.parent_exec_id),
  column('parent_program', 'text', ({ parent }) => parent?.binary),
  column('parent_arguments', 'text', ({ parent }) => parent?.arguments),
  column('namespace', 'text', ({ process }) => process?.pod?.namespace),
  column('pod', 'text', ({ process }) => process?.pod?.name),
  column('workload', 'text', ({ process }) => process?.pod?.workload),
  column('container', 'text', ({ container }) => container?.name),
  column('container_id', 'text', ({ container, process }) => container?.id ?? process?.docker),
  column('image', 'text', ({ container }) => container?.image?.name),
  column('function', 'text', functionOf),
  column('policy', 'text', ({ hook }) => hook.policy_name),
  column('message', 'text', ({ hook }) => hook.message),
  column('tags', 'texts', ({ hook }) => hook.tags),
  column('action', 'text', ({ hook }) => hook.action),
  column('args', 'json', ({ hook }) => hook.args),
  column('returned', 'json', ({ hook }) => hook.return),
  column('enforcement', 'json', ({ hook }) => hook.enforcement),
  column('mapped_file', 'text', ({ event, body, hook }) =>
    event.key === 'process_loader' ? body.path : hook.path,
  ),
  column('signal', 'text', ({ event, body }) =>
    event.key === 'process_exit' ? body.signal : undefined,
  ),
  column('status', 'uint32', ({ event, body }) =>
    event.key === 'process_exit' ? (body.status ?? 0) : undefined,
  ),
  column('findings', 'json', ({ event }) => event.response.findings),
  column('cgroup', 'text', ({ event, body }) =>
    event.key === 'process_throttle' ? body.cgroup : undefined,
  ),
  column('dropped', 'uint64', ({ event, body }) =>
    event.key === 'rate_limit_info' ? body.number_of_dropped_process_events : undefined,
  ),
]

/** The event as in the export file, for what no column has. */
export const originalColumn = column('original', 'text', ({ line }) => line.toString('utf8'))

function functionOf({ event, hook }: EventParts): unknown {
  const { function_name, symbol, subsys, event: tracepoint, provider, name } = hook
  const named = function_name ?? symbol
  if (named !== undefined) return named
  if (event.key === 'process_tracepoint') return joined(subsys, tracepoint)
  return event.key === 'process_usdt' ? joined(provider, name) : undefined
}

function joined(group: unknown, name: unknown): string | undefined {
  return group === undefined || name === undefined ? undefined : `${group}:${name}`
}

/** Converts a value to what the writer of a column takes; null if it has another type. */
export const cellOf: Readonly<Record<ColumnType, (value: unknown) => unknown>> = {
  text: (value) => (typeof value === 'string' ? value : null),
  texts: (value) => (Array.isArray(value) ? value.map(cellOfText) : null),
  json: (value) => wellFormed(value ?? null),
  time: (value) => {
    const nanoseconds = typeof value === 'string' ? nanosecondsOf(value) : undefined
    if (nanoseconds === undefined || nanoseconds.length > longestTime) return null
    return BigInt(nanoseconds) / 1000n
  },
  uint32: (value) => {
    const isOne = Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32
    return isOne ? value : null
  },
  uint64: (value) => {
    const number = /^\d{1,20}$/.test(String(value)) ? BigInt(value as string | number) : undefined
    return number !== undefined && number < 2n ** 64n ? number : null
  },
}

/** Digits of nanoseconds in 64 bits. */
const longestTime = 19

/** DuckDB refuses a file in which a JSON value has half of a surrogate pair. */
function wellFormed(value: unknown): unknown {
  const text = JSON.stringify(value)
  if (!text.includes('\\ud')) return value
  return JSON.parse(
    text.replace(/\\(?:u[\da-f]{4}|.)/g, (sequence) => {
      return sequence.startsWith('\\ud') ? '\ufffd' : sequence
    }),
  )
}

function cellOfText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
