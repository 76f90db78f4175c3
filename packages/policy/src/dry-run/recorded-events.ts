import type { Event, KprobeArgument, Process } from '@tetragon-ts/api'
import type { Argument, Hook } from '../model/index.ts'
import { assignValues } from './argument-fields.ts'
import type { RecordedCall } from './recorded-call.ts'
import { execPlaces, type HookEvent, isHookEvent, placeOf, startPlace } from './recorded-hook.ts'

/** A call in a log, for any hook at its place. */
export interface RecordedEvent {
  /** Name of the place; of a program's start, undefined: it is at several. */
  readonly place: string | undefined
  /** The policy that recorded it, or `process_exec`. */
  readonly source: string
  /** Number of calls that are alike. */
  readonly count: number
  /** The call as a hook sees it that is at this place. */
  callFor(hook: Hook): RecordedCall
}

/** Whether it is a call of a hook at such places. */
export function isAt({ place }: RecordedEvent, isPlace: (place: string) => boolean): boolean {
  return place === undefined ? [startPlace, ...execPlaces].some(isPlace) : isPlace(place)
}

/** Finds the calls in the events of a log. */
export class RecordedEvents {
  /** The program of each running process, by node and pid. */
  readonly #running = new Map<string, Pick<Process, 'binary' | 'arguments'>>()

  /** Takes the next event. @returns its call; undefined if it has none */
  see(event: Event): RecordedEvent | undefined {
    const { key, body, response } = event
    if (key === 'process_exec') return this.#start(body, response.node_name ?? '')
    if (key === 'process_exit') {
      this.#running.delete(processKey(response.node_name ?? '', body.process))
      return undefined
    }
    if (!isHookEvent(event) || !event.body.process) return undefined
    return recorded(event, event.body.process)
  }

  /** The start of a program is a call that is made by the program before it. */
  #start(
    { process, parent, ancestors = [] }: NonNullable<Event['response']['process_exec']>,
    node: string,
  ): RecordedEvent | undefined {
    if (process?.binary === undefined) return undefined
    const flags = process.flags?.split(' ') ?? []
    const key = processKey(node, process)
    const isFirst = flags.includes('clone')
    const before = isFirst ? parent : this.#running.get(key)
    const [word] = (process.arguments ?? '').split(' ', 1)
    this.#running.set(key, { binary: process.binary, arguments: word })
    // It ran before the agent: its start was not recorded.
    if (flags.includes('procFS')) return undefined
    // These are the capabilities after the start.
    const { cap: _, ...started } = process
    const value: KprobeArgument = { linux_binprm_arg: { path: process.binary } }
    const isProgram = ({ type, resolve }: Argument) =>
      type === 'linux_binprm' && resolve.length === 0
    return {
      place: undefined,
      source: 'process_exec',
      count: 1,
      callFor: (hook) => ({
        // Filters decide after the start.
        process: hook.section === 'processes' ? process : started,
        // The parent in the event of a further program is the one before it.
        ancestors: parent && isFirst ? [parent, ...ancestors] : ancestors,
        caller: hook.section === 'processes' ? process : before,
        args: hook.args.map((argument) => (isProgram(argument) ? value : undefined)),
        data: [],
        result: undefined,
      }),
    }
  }
}

/** The call that an event of a hook records. */
function recorded(event: HookEvent, process: Process): RecordedEvent {
  const { body } = event
  const { parent, ancestors = [], args = [], policy_name: source = '' } = body
  const data = 'data' in body ? (body.data ?? []) : []
  return {
    place: placeOf(event),
    source,
    count: Number(event.response.aggregation_info?.count ?? 1),
    callFor: (hook) => ({
      process,
      ancestors: parent ? [parent, ...ancestors] : [],
      caller: process,
      args: assignValues(hook.args, args),
      data: assignData(hook, data),
      result: 'return' in body ? body.return : undefined,
    }),
  }
}

/** The values of `data`, without those of members, which follow them and have labels. */
function assignData(
  { data }: Hook,
  recorded: readonly KprobeArgument[],
): readonly (KprobeArgument | undefined)[] {
  const members = new Set(data.flatMap(({ named, label }) => (named ? [label] : [])))
  const own = data.filter(({ named }) => !named)
  return assignValues(
    own,
    recorded.filter(({ label }) => label === undefined || !members.has(label)),
  )
}

function processKey(node: string, process: Process | undefined): string {
  return `${process?.pid} ${node}`
}
