import {
  type Event,
  type EventKey,
  eventOf,
  type Finding,
  findingLevels,
  type GetEventsResponse,
} from '@tetragon-ts/api'
import {
  boundedKey,
  Correlator,
  type EventRecord,
  hookCall,
  type LinkedCorrelation,
  type LogSourceName,
  logSources,
  matchedFields,
  type ProcessFacts,
  type RuleMatch,
  type RuleSet,
  type Subject,
} from '@tetragon-ts/rules'
import type { Process } from '../../processes/process.ts'
import { processMessage } from '../json/process-message.ts'
import { findingOf, findingsMember } from './finding-json.ts'
import type { FindingTally } from './finding-tally.ts'

/** Maximum number of findings in an event: those of the highest levels. */
const findingsMax = 16
const levels: readonly (string | undefined)[] = findingLevels

/** The processes of an event. */
export interface Acting {
  readonly process: Process | undefined
  readonly parent: Process | undefined
  /** Of the parent, nearest first. */
  readonly ancestors: readonly Process[]
}

/**
 * Evaluates detection rules on events as they are written. Starts and ends of programs are
 * evaluated on cached processes; the tests of a process are kept with it. An event of a hook is
 * parsed if a rule is about its function.
 */
export class RuleEvaluator {
  readonly #rules: RuleSet
  readonly #correlator: Correlator
  readonly #tally: FindingTally
  readonly #jsonOf: (process: Process) => string
  readonly #usedSources: ReadonlySet<LogSourceName>
  /** What the rules have found out about processes. */
  readonly #facts = new WeakMap<Process, ProcessFacts>()
  /** Log sources of hooks, by kind of event and function. */
  readonly #sources = new Map<string, readonly LogSourceName[]>()

  /** @param jsonOf event JSON of a process */
  constructor(
    rules: RuleSet,
    correlations: readonly LinkedCorrelation[],
    tally: FindingTally,
    jsonOf: (process: Process) => string,
  ) {
    this.#rules = rules
    this.#correlator = new Correlator(correlations)
    this.#tally = tally
    this.#jsonOf = jsonOf
    this.#usedSources = new Set(rules.logSources)
  }

  /** See `Findings`. */
  noteLoss(timeMs: number): void {
    this.#correlator.noteLoss(timeMs)
  }

  /** See `Findings`. */
  forget(process: Process): void {
    this.#facts.delete(process)
  }

  /** See `Findings`. */
  ofProcess(
    source: 'process_creation' | 'process_termination',
    acting: Acting,
    timeMs: number,
  ): string {
    if (!this.#usedSources.has(source)) return ''
    return this.#memberOf(this.#evaluate(source, acting, new TimeOfEvent(timeMs).record, timeMs))
  }

  /** See `Findings`. */
  ofHook(key: EventKey, name: string, json: () => string, acting: Acting, timeMs: number): string {
    const known = this.#sources.get(`${key} ${name}`)
    if (known?.length === 0) return ''
    const response = JSON.parse(json()) as GetEventsResponse
    const parsed = eventOf({ ...response, time: isoTime(timeMs) })
    if (!parsed.ok) return ''
    const findings: Finding[] = []
    for (const source of known ?? this.#sourcesOf(parsed.event, name)) {
      for (const record of logSources[source].records(parsed.event)) {
        findings.push(...this.#evaluate(source, acting, record, timeMs))
      }
    }
    return this.#memberOf(findings)
  }

  #sourcesOf(event: Event, name: string): readonly LogSourceName[] {
    const called = hookCall(event)?.name ?? ''
    const sources = [...this.#usedSources].filter((source) => {
      const { events, hooks } = logSources[source]
      return events.includes(event.key) && (hooks.length === 0 || hooks.includes(called))
    })
    this.#sources.set(`${event.key} ${name}`, sources)
    return sources
  }

  #factsOf(process: Process): ProcessFacts {
    let facts = this.#facts.get(process)
    if (facts === undefined) {
      facts = this.#rules.facts(processMessage(process, () => this.#jsonOf(process)))
      this.#facts.set(process, facts)
    }
    return facts
  }

  #evaluate(
    source: LogSourceName,
    { process, parent, ancestors }: Acting,
    record: EventRecord,
    timeMs: number,
  ): Finding[] {
    const facts = process && this.#factsOf(process)
    const parentFacts = parent && this.#factsOf(parent)
    const others = ancestors.map((each) => this.#factsOf(each))
    const above = parentFacts === undefined ? others : [parentFacts, ...others]
    const processes = {
      process: facts,
      ...(parentFacts === undefined ? {} : { parent: parentFacts }),
      ancestors: above,
    }
    const matches = this.#rules.evaluate(source, processes, record)
    if (matches.length === 0) return none
    const subject: Subject = {
      record,
      process: facts?.process ?? {},
      parent: parentFacts?.process ?? {},
      ancestors: above.map((each) => each.process),
    }
    const id = process?.execId ?? ''
    const lineage = process?.parentExecId ?? ''
    return matches.flatMap((match) => this.#findingsOf(match, subject, { id, lineage, timeMs }))
  }

  #findingsOf(
    { rule, alone, suppressedBy }: RuleMatch,
    subject: Subject,
    { id, lineage, timeMs }: { id: string; lineage: string; timeMs: number },
  ): Finding[] {
    if (suppressedBy !== undefined) {
      this.#tally.excepted++
      return none
    }
    const findings: Finding[] = []
    if (alone) {
      const repeated = this.#tally.report(rule, lineage, timeMs)
      if (repeated !== undefined) {
        findings.push(findingOf(rule, { fields: matchedFields(rule.condition, subject), repeated }))
      }
    }
    for (const found of this.#correlator.add({ rule, subject, timeMs, id })) {
      const { correlation, group, parts, uncertain } = found
      const of = boundedKey(JSON.stringify(group))
      const repeated = this.#tally.report(correlation, of, timeMs)
      if (repeated === undefined) continue
      const fields = group.map(([field, value]) => ({ field, value }))
      const execIds = [...new Set(parts.map((part) => part.id))]
      findings.push(findingOf(correlation, { fields, repeated, uncertain, execIds }))
    }
    return findings
  }

  #memberOf(findings: readonly Finding[]): string {
    if (findings.length === 0) return ''
    const byLevel = findings.toSorted((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level))
    const shown = byLevel.slice(0, findingsMax)
    this.#tally.omitted += findings.length - shown.length
    return findingsMember(shown)
  }
}

const none: never[] = []

/** The time of an event as a field, formatted if a rule reads it. */
class TimeOfEvent {
  readonly #timeMs: number

  constructor(timeMs: number) {
    this.#timeMs = timeMs
  }

  get UtcTime(): string {
    return isoTime(this.#timeMs)
  }

  get record(): EventRecord {
    return this as unknown as EventRecord
  }
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
