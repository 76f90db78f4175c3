import {
  type Event,
  type EventKey,
  eventKinds,
  eventOf,
  type Filter,
  findEventKind,
  findingLevels,
  type GetEventsResponse,
} from '@tetragon-ts/api'
import { compileFilter, filterSubject, prepareFilters } from '@tetragon-ts/policy/filters'
import { BadValue, choiceReader, didYouMean, list, optional } from '@tetragon-ts/service/options'

/** Parameters that choose events; all must match. */
export const filterParameters = {
  events: list({
    value: 'KINDS',
    help: 'only events of these kinds, such as process_exec',
    each: (text) => {
      const kind = findEventKind(text) ?? findEventKind(`process_${text}`)
      if (kind !== undefined) return kind.name
      const names = eventKinds.map(({ key }) => key)
      throw new BadValue(`unknown kind of event "${text}"${didYouMean(text, names)}`)
    },
  }),
  policy: list({ value: 'NAMES', help: 'only events of these policies' }),
  level: optional({
    value: 'LEVEL',
    help: 'only events with findings of this level or above',
    read: choiceReader({ choices: findingLevels }),
  }),
  cel: optional({
    value: 'CEL',
    help: 'only events for which this expression is true',
    read: (text) => text,
  }),
}

/** Values of these parameters. */
export interface FilterValues {
  readonly events: readonly string[]
  readonly policy: readonly string[]
  readonly level: string | undefined
  readonly cel: string | undefined
}

/** An event before it is queued. It is decoded once for all outputs, and only if one needs that. */
export class ArrivedEvent {
  readonly line: Buffer
  #event: Event | undefined

  /** @param line JSON in UTF-8 */
  constructor(line: Buffer) {
    this.line = line
  }

  /** The kind of the event, which its first member has as its name. */
  get key(): string {
    return this.line.toString('latin1', 2, this.line.indexOf(quote, 2))
  }

  /** Undefined if it is not an event. */
  get event(): Event | undefined {
    this.#event ??= decodeEvent(this.line)
    return this.#event
  }
}

const quote = 0x22

/** The event of a line; undefined if it is not one. */
export function decodeEvent(line: Buffer): Event | undefined {
  try {
    const parsed = eventOf(JSON.parse(line.toString('utf8')) as GetEventsResponse)
    return parsed.ok ? parsed.event : undefined
  } catch {
    return undefined
  }
}

/** Whether an output gets an event. */
export type EventTest = (event: ArrivedEvent) => boolean

/** Events that say what is missing: every output gets them, whatever it chooses. */
const always: ReadonlySet<string> = new Set<EventKey>(['rate_limit_info', 'process_throttle'])

/**
 * Compiles the choice of an output.
 * @throws Error of the filter, for example for an invalid expression
 */
export async function compileChoice(values: FilterValues): Promise<EventTest> {
  const { events, policy, level, cel } = values
  const kinds = new Set(events.flatMap((name) => findEventKind(name)?.key ?? []))
  const isWanted = (key: string): boolean => kinds.size === 0 || kinds.has(key as EventKey)
  const filter: Filter = {
    policy_names: policy.length > 0 ? [...policy] : undefined,
    finding_level: level,
    cel_expression: cel === undefined ? undefined : [cel],
  }
  if (Object.values(filter).every((value) => value === undefined)) {
    return ({ key }) => isWanted(key) || always.has(key)
  }
  await prepareFilters([filter])
  const matches = compileFilter(filter)
  return (arrived) => {
    const { key } = arrived
    if (always.has(key)) return true
    if (!isWanted(key)) return false
    const { event } = arrived
    return event !== undefined && matches(filterSubject(event))
  }
}
