import type { GetLossesResponse } from '@tetragon-ts/api'

/** A queue of an agent. */
export interface Queue {
  /** As in GetLosses: `ring`. */
  readonly name: string
  readonly unit: string
  readonly used: number
  readonly size: number
  /** Maximum of `used` since the start of the agent; 0: unknown. */
  readonly peak: number
}

/** What an agent reports about its work; agents of the original do not. */
export interface AgentWork {
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Records of the kernel that were read since then. */
  readonly records: number
  readonly queues: readonly Queue[]
}

/** Undefined: the agent does not report it. */
export function workOf(response: GetLossesResponse | undefined): AgentWork | undefined {
  const startedAt = Date.parse(response?.start_time ?? '')
  if (Number.isNaN(startedAt)) return undefined
  const queues = (response?.queues ?? []).map(
    ({ name = '', unit = '', used = 0, size = 0, peak = 0 }) => {
      return { name, unit, used: Number(used), size: Number(size), peak: Number(peak) }
    },
  )
  return { startedAt, records: Number(response?.records ?? 0), queues }
}

/** The queue that is the fullest one for its size; undefined if there is none. */
export function fullestQueue(queues: readonly Queue[]): Queue | undefined {
  return queues.toSorted((a, b) => fillOf(b) - fillOf(a))[0]
}

/** Whether a queue may soon lose something. */
export function isCrowded(queue: Queue): boolean {
  return fillOf(queue) > 0.5
}

/** How full a queue is: `12 %`. @param used default: at the moment */
export function fillText(queue: Queue, used = queue.used): string {
  return `${Math.ceil(100 * fillOf({ ...queue, used }))} %`
}

function fillOf({ used, size }: Queue): number {
  return size === 0 ? 0 : used / size
}

const words: Readonly<Record<string, string>> = {
  ring: 'ring buffer of the kernel',
  export: 'export to a file or standard output',
  server: 'gRPC server',
  clients: 'slowest client',
}

/** The name of a queue in words; that of the agent if it is unknown. */
export function queueText({ name }: Queue): string {
  return Object.hasOwn(words, name) ? words[name] : name
}
