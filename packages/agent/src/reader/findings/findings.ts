import { type Event, eventOf, type Finding, type GetEventsResponse } from '@tetragon-ts/api'
import {
  Correlator,
  type EventRecord,
  type LogSourceName,
  logSources,
  matchedFields,
  type ProcessFacts,
  type RuleHead,
  type RuleMatch,
  type RuleSet,
  type Subject,
} from '@tetragon-ts/rules'
import type { Process } from '../../processes/process.ts'
import { processMessage } from '../json/process-message.ts'
import { findingOf, findingsMember } from './finding-json.ts'
import type { FindingCount, FindingTotals } from './finding-totals.ts'
import type { LoadedRules } from './load-rules.ts'
import { Repeats } from './repeats.ts'

/** Maximum number of findings in an event. */
const findingsMax = 16
/** Maximum number of rules that are counted by name. */
const countedMax = 20_000

/** The processes of an event. */
interface Acting {
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
export class Findings {
  /** Undefined: there are no rules. */
  #rules: RuleSet | undefined
  #correlator = new Correlator([])
  readonly #repeats = new Repeats()
  readonly #jsonOf: (process: Process) => string
  /** What the rules have found out about processes. */
  #facts = new WeakMap<Process, ProcessFacts>()
  /** Log sources of hooks, by kind of event and function. */
  readonly #sources = new Map<string, readonly LogSourceName[]>()
  #usedSources: ReadonlySet<LogSourceName> = new Set()
  readonly #counts = new Map<string, { -readonly [K in keyof FindingCount]: FindingCount[K] }>()
  /** Matches that a filter excepts. */
  excepted = 0
  /** Findings that an event had no room for. */
  omitted = 0

  /** @param jsonOf event JSON of a process */
  constructor(jsonOf: (process: Process) => string) {
    this.#jsonOf = jsonOf
  }

  /** Replaces the rules. What correlations have counted is forgotten; repeats stay folded. */
  use(loaded: LoadedRules | undefined): void {
    this.#rules = loaded?.rules
    this.#correlator = new Correlator(loaded?.correlations ?? [])
    this.#usedSources = new Set(loaded?.rules.logSources)
    this.#facts = new WeakMap()
    this.#sources.clear()
  }

  /** Whether there are rules. */
  get isOn(): boolean {
    return this.#rules !== undefined
  }

  /** Counts since the start. */
  get totals(): FindingTotals {
    const { excepted, omitted } = this
    const rules = [...this.#counts.values()].map((each) => ({ ...each }))
    return { rules, excepted, omitted, folded: this.#repeats.folded }
  }

  /** Records were lost: correlations that include this time are uncertain. */
  noteLoss(timeMs: number): void {
    this.#correlator.noteLoss(timeMs)
  }

  /** The workload of a process has changed. */
  forget(process: Process): void {
    this.#facts.delete(process)
  }

  /**
   * Findings on the start or end of a program.
   * @returns the member of the event; empty if there are none
   */
  ofProcess(
    source: 'process_creation' | 'process_termination',
    acting: Acting,
    timeMs: number,
  ): string {
    if (!this.#usedSources.has(source)) return ''
    return memberOf(this.#evaluate(source, acting, new TimeOfEvent(timeMs).record, timeMs))
  }

  /**
   * Findings on an event of a hook.
   * @param name its function
   * @param json the event without node and time
   * @returns the member of the event; empty if there are none
   */
  ofHook(
    key: Event['key'],
    name: string,
    json: () => string,
    acting: Acting,
    timeMs: number,
  ): string {
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
    return memberOf(findings)
  }

  #sourcesOf(event: Event, name: string): readonly LogSourceName[] {
    const sources = [...this.#usedSources].filter((source) => {
      const { events, hooks } = logSources[source]
      const isOne = (hook: string): boolean => name === hook || name.endsWith(`_${hook}`)
      return events.includes(event.key) && (hooks.length === 0 || hooks.some(isOne))
    })
    this.#sources.set(`${event.key} ${name}`, sources)
    return sources
  }

  #factsOf(rules: RuleSet, process: Process): ProcessFacts {
    let facts = this.#facts.get(process)
    if (facts === undefined) {
      facts = rules.facts(processMessage(process, () => this.#jsonOf(process)))
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
    const rules = this.#rules
    if (rules === undefined) return none
    const facts = process && this.#factsOf(rules, process)
    const parentFacts = parent && this.#factsOf(rules, parent)
    const others = ancestors.map((each) => this.#factsOf(rules, each))
    const above = parentFacts === undefined ? others : [parentFacts, ...others]
    const processes = {
      process: facts,
      ...(parentFacts === undefined ? {} : { parent: parentFacts }),
      ancestors: above,
    }
    const matches = rules.evaluate(source, processes, record)
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
      this.excepted++
      return none
    }
    const findings: Finding[] = []
    if (alone) {
      const repeated = this.#report(rule, lineage, timeMs)
      if (repeated !== undefined) {
        findings.push(findingOf(rule, { fields: matchedFields(rule.condition, subject), repeated }))
      }
    }
    for (const found of this.#correlator.add({ rule, subject, timeMs, id })) {
      const { correlation, group, parts, uncertain } = found
      const of = group.map(([name, value]) => `${name}=${value}`).join(' ')
      const repeated = this.#report(correlation, of, timeMs)
      if (repeated === undefined) continue
      const fields = group.map(([field, value]) => ({ field, value }))
      const execIds = [...new Set(parts.map((part) => part.id))]
      findings.push(findingOf(correlation, { fields, repeated, uncertain, execIds }))
    }
    if (findings.length <= findingsMax) return findings
    this.omitted += findings.length - findingsMax
    return findings.slice(0, findingsMax)
  }

  /** @returns how many were folded since the last one; undefined: this one is folded, too */
  #report(rule: RuleHead, of: string, timeMs: number): number | undefined {
    const key = rule.id ?? rule.title
    const count = this.#counts.get(key)
    if (count !== undefined) count.count++
    else if (this.#counts.size < countedMax) {
      this.#counts.set(key, { rule: rule.title, level: rule.level ?? '', count: 1 })
    }
    return this.#repeats.report(`${key} ${of}`, timeMs)
  }
}

const none: never[] = []

function memberOf(findings: readonly Finding[]): string {
  return findings.length === 0 ? '' : findingsMember(findings)
}

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
