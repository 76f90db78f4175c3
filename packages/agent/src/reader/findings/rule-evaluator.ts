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
  type RuleHead,
  type RuleMatch,
  type RuleSet,
  type Subject,
} from '@tetragon-ts/rules'
import type { Process } from '../../processes/process.ts'
import { imageText } from '../json/image-text.ts'
import { processMessage } from '../json/process-message.ts'
import { type FindingDetail, findingOf, findingsMember } from './finding-json.ts'
import type { FindingTally } from './finding-tally.ts'

/**
 * Characters of the arguments that rules look at: expressions take milliseconds for longer ones,
 * and anyone can pass megabytes.
 */
const argumentsMax = 16_384
/** Found in programs with longer ones, so that nobody hides behind them unseen. */
const longArguments: RuleHead = {
  title: 'Arguments longer than detection rules look at',
  id: 'arguments-not-evaluated',
  level: 'low',
  tags: [],
  techniques: [],
  references: [],
  falsePositives: [],
  file: '',
  line: 0,
}
/** Maximum number of findings in an event: those of the highest levels. */
const findingsMax = 16
const levels: readonly (string | undefined)[] = findingLevels

/** A finding that is reported if the event has room for it. */
interface Candidate {
  /** Index of its level; -1: it has none. */
  readonly level: number
  /** @returns undefined if it is folded */
  readonly report: () => Finding | undefined
}

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
    const findings = this.#evaluate(source, acting, new TimeOfEvent(timeMs).record, timeMs)
    const { process } = acting
    if (source === 'process_creation' && process && isCut(process)) {
      this.#tally.count(longArguments)
      const { parentExecId } = process
      const report = (): Finding | undefined => {
        const repeated = this.#tally.report(longArguments, parentExecId, '', timeMs)
        return repeated === undefined ? undefined : findingOf(longArguments, { repeated })
      }
      findings.push({ level: levels.indexOf(longArguments.level), report })
    }
    return this.#memberOf(findings)
  }

  /** See `Findings`. */
  ofHook(key: EventKey, name: string, json: () => string, acting: Acting, timeMs: number): string {
    const known = this.#sources.get(`${key} ${name}`)
    if (known?.length === 0) return ''
    const response = JSON.parse(json()) as GetEventsResponse
    const parsed = eventOf({ ...response, time: isoTime(timeMs) })
    if (!parsed.ok) return ''
    const findings: Candidate[] = []
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
      const json = (): string => this.#jsonOf(process)
      facts = this.#rules.facts(processMessage(process, json, argumentsMax))
      this.#facts.set(process, facts)
    }
    return facts
  }

  #evaluate(
    source: LogSourceName,
    { process, parent, ancestors }: Acting,
    record: EventRecord,
    timeMs: number,
  ): Candidate[] {
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
    if (matches.length === 0) return []
    const subject: Subject = {
      record,
      process: facts?.process ?? {},
      parent: parentFacts?.process ?? {},
      ancestors: above.map((each) => each.process),
    }
    const id = process?.execId ?? ''
    const lineage = process?.parentExecId ?? ''
    const values = JSON.stringify({ ...record, UtcTime: undefined })
    const says = boundedKey(`${process?.image} ${values}`)
    const of = { id, lineage, says, timeMs }
    return matches.flatMap((match) => this.#findingsOf(match, subject, of))
  }

  #findingsOf(
    { rule, alone, suppressedBy }: RuleMatch,
    subject: Subject,
    { id, lineage, says, timeMs }: { id: string; lineage: string; says: string; timeMs: number },
  ): Candidate[] {
    const tally = this.#tally
    if (suppressedBy !== undefined) {
      tally.excepted++
      return []
    }
    const findings: Candidate[] = []
    const add = (
      found: RuleHead,
      of: string,
      what: string,
      detail: () => Partial<FindingDetail>,
    ): void => {
      tally.count(found)
      const report = (): Finding | undefined => {
        const repeated = tally.report(found, of, what, timeMs)
        return repeated === undefined ? undefined : findingOf(found, { ...detail(), repeated })
      }
      findings.push({ level: levels.indexOf(found.level), report })
    }
    if (alone) add(rule, lineage, says, () => ({ fields: matchedFields(rule.condition, subject) }))
    for (const found of this.#correlator.add({ rule, subject, timeMs, id })) {
      const { correlation, group, parts, uncertain } = found
      add(correlation, boundedKey(JSON.stringify(group)), '', () => {
        const fields = group.map(([field, value]) => ({ field, value }))
        return { fields, uncertain, execIds: [...new Set(parts.map((part) => part.id))] }
      })
    }
    return findings
  }

  /** Findings that an event has no room for cost little, and do not fold later ones. */
  #memberOf(candidates: Candidate[]): string {
    if (candidates.length === 0) return ''
    candidates.sort((a, b) => b.level - a.level)
    const findings: Finding[] = []
    for (const [i, { report }] of candidates.entries()) {
      if (findings.length === findingsMax) {
        this.#tally.omitted += candidates.length - i
        break
      }
      const finding = report()
      if (finding !== undefined) findings.push(finding)
    }
    return findings.length === 0 ? '' : findingsMember(findings)
  }
}

/** Whether rules do not see all arguments. */
function isCut({ image }: Process): boolean {
  return image.length > argumentsMax && imageText(image, 'arguments').length > argumentsMax
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
