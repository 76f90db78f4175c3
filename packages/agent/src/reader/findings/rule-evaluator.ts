import { type Event, eventOf, type GetEventsResponse } from '@tetragon-ts/api'
import {
  boundedKey,
  type CorrelationFinding,
  Correlator,
  type EventRecord,
  hookCall,
  hooksOf,
  type LinkedCorrelation,
  type LogSourceName,
  logSources,
  matchedFields,
  type ProcessFacts,
  type Rule,
  type RuleSet,
  ruleKey,
  type Subject,
} from '@tetragon-ts/rules'
import type { Process } from '../../processes/process.ts'
import type { RuleActions } from '../../rules/rule-actions.ts'
import { processMessage } from '../json/process-message.ts'
import { type Candidate, chosenFindings } from './candidates.ts'
import type { EventTime } from './event-time.ts'
import type { FindingTally } from './finding-tally.ts'
import type { FindingTotals } from './finding-totals.ts'
import type { HooksForRules, ObservedHook } from './hooks-for-rules.ts'
import { argumentsMax, hasLongArguments, longArguments } from './long-arguments.ts'

/** Fields that differ between events of one action: several hooks see it. */
const details = { UtcTime: undefined, FileType: undefined, Truncates: undefined }

/** Log sources of the events of processes. */
export type ProcessSource = 'process_creation' | 'process_termination'

/** The processes of an event. */
export interface Acting {
  readonly process: Process | undefined
  readonly parent: Process | undefined
  /** Those of the parent, nearest first. */
  readonly ancestors: () => readonly Process[]
  /** Members of the process that only the event of its start has, as JSON in latin1. */
  readonly startMembers?: string | undefined
}

/**
 * Evaluates detection rules on events as they are written. Starts and ends of programs are
 * evaluated on cached processes; the tests of a process are kept with it. An event of a hook is
 * parsed if a rule can match events of its function and policy.
 */
export class RuleEvaluator {
  readonly #rules: RuleSet
  readonly #correlator: Correlator
  readonly #tally: FindingTally
  readonly #jsonOf: (process: Process) => string
  readonly #usedSources: ReadonlySet<LogSourceName>
  /** What the rules have found out about processes. */
  readonly #facts = new WeakMap<Process, ProcessFacts>()
  /** See {@link Acting.startMembers}. */
  readonly #startMembers = new WeakMap<Process, string>()
  /** Log sources whose rules can match events of a hook, by its functions. */
  readonly #sources = new WeakMap<ObservedHook, (readonly LogSourceName[])[]>()

  /** Functions that policies for a rule hook. */
  readonly #hooksOf = new WeakMap<Rule, ReadonlySet<string>>()
  readonly #hooks: HooksForRules
  readonly #actions: RuleActions

  /**
   * @param jsonOf event JSON of a process
   * @param hooks those of policies that are loaded for rules
   * @param actions those of rules that are in force
   */
  constructor(
    rules: RuleSet,
    correlations: readonly LinkedCorrelation[],
    tally: FindingTally,
    jsonOf: (process: Process) => string,
    hooks: HooksForRules,
    actions: RuleActions,
  ) {
    this.#actions = actions
    this.#hooks = hooks
    this.#rules = rules
    this.#correlator = new Correlator(correlations)
    this.#tally = tally
    this.#jsonOf = jsonOf
    this.#usedSources = new Set(rules.logSources)
  }

  /** How often rules were evaluated, by id; by title without one. */
  get evaluations(): FindingTotals['evaluations'] {
    return this.#rules.evaluations().map(([rule, count]) => [ruleKey(rule), count])
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
  ofProcess(source: ProcessSource, acting: Acting, time: EventTime): string {
    const { process, startMembers } = acting
    if (process && startMembers) this.#startMembers.set(process, startMembers)
    if (!this.#usedSources.has(source)) return ''
    const record = {
      get UtcTime(): string {
        return time.text
      },
    }
    const found = this.#evaluate(source, acting, record, time)
    if (source === 'process_creation' && process && hasLongArguments(process)) {
      found.push({
        ...{ rule: longArguments, lineage: process.parentExecId, origin: originOf(process) },
        ...{ says: '', detail: () => ({}) },
      })
    }
    return chosenFindings(found, this.#tally, time)
  }

  /** See `Findings`. */
  ofHook(
    hook: ObservedHook,
    index: number,
    json: () => string,
    acting: Acting,
    time: EventTime,
  ): string {
    const known = this.#sources.get(hook)?.[index]
    if (known?.length === 0) return ''
    const response = JSON.parse(json()) as GetEventsResponse
    const parsed = eventOf({ ...response, time: time.text })
    if (!parsed.ok) return ''
    const name = hookCall(parsed.event)?.name ?? ''
    const other = this.#hooks.concern(hook, hook.functions[index]) ? name : undefined
    const found: Candidate[] = []
    for (const source of known ?? this.#sourcesOf(hook, index, parsed.event)) {
      for (const record of logSources[source].records(parsed.event)) {
        found.push(...this.#evaluate(source, acting, record, time, other))
      }
    }
    return chosenFindings(found, this.#tally, time)
  }

  #sourcesOf(hook: ObservedHook, index: number, event: Event): readonly LogSourceName[] {
    const called = hookCall(event)?.name ?? ''
    const [record] = logSources.tetragon_hook.records(event)
    const alwaysEqual = record && {
      ...{ Hook: record.Hook, Policy: record.Policy, Message: record.Message, Tags: record.Tags },
    }
    const sources = [...this.#usedSources].filter((source) => {
      const { events, hooks } = logSources[source]
      if (!events.includes(event.key)) return false
      if (source !== 'tetragon_hook') return hooks.length === 0 || hooks.includes(called)
      return alwaysEqual !== undefined && this.#rules.canMatch(source, alwaysEqual)
    })
    const byFunction = this.#sources.get(hook) ?? []
    byFunction[index] = sources
    this.#sources.set(hook, byFunction)
    return sources
  }

  #factsOf(process: Process): ProcessFacts {
    let facts = this.#facts.get(process)
    if (facts === undefined) {
      const json = (): string => {
        const members = this.#startMembers.get(process)
        const cached = this.#jsonOf(process)
        return members === undefined ? cached : `${cached.slice(0, -1)}${members}}`
      }
      facts = this.#rules.facts(processMessage(process, json, argumentsMax))
      this.#facts.set(process, facts)
    }
    return facts
  }

  #isSeenAt(rule: Rule, name: string): boolean {
    let hooks = this.#hooksOf.get(rule)
    if (hooks === undefined) {
      hooks = hooksOf(rule)
      this.#hooksOf.set(rule, hooks)
    }
    return hooks.has(name)
  }

  /** @param other function of which a policy for rules posts the same call */
  #evaluate(
    source: LogSourceName,
    { process, parent, ancestors }: Acting,
    record: EventRecord,
    time: EventTime,
    other?: string,
  ): Candidate[] {
    const facts = process && this.#factsOf(process)
    const parentFacts = parent && this.#factsOf(parent)
    const above = (): ProcessFacts[] => {
      const others = ancestors().map((each) => this.#factsOf(each))
      return parentFacts === undefined ? others : [parentFacts, ...others]
    }
    const processes = {
      process: facts,
      ...(parentFacts === undefined ? {} : { parent: parentFacts }),
      ancestors: above,
    }
    const matches = this.#rules
      .evaluate(source, processes, record, () => time.wallMs)
      .filter(({ rule }) => other === undefined || !this.#isSeenAt(rule, other))
    if (matches.length === 0) return []
    const subject: Subject = {
      record,
      process: facts?.process ?? {},
      parent: parentFacts?.process ?? {},
      ancestors: above().map((each) => each.process),
    }
    const id = process?.execId ?? ''
    const lineage = process?.parentExecId ?? ''
    const origin = originOf(process)
    const values = JSON.stringify({ ...record, ...details })
    const says = boundedKey(`${process?.image} ${values}`)
    const { bootMs: timeMs } = time
    return matches.flatMap(({ rule, alone, suppressedBy }) => {
      if (suppressedBy !== undefined) {
        this.#tally.except(rule, suppressedBy, time)
        return []
      }
      const fields = () => {
        const action = this.#actions.of(rule)
        return { fields: matchedFields(rule.condition, subject), action }
      }
      const own = alone ? [{ rule, lineage, origin, says, detail: fields }] : []
      const correlated = this.#correlator.add({ rule, subject, timeMs, id })
      return [...own, ...correlated.map((each) => ofCorrelation(each, origin))]
    })
  }
}

/** The container of a process, or its user on the host. */
function originOf(process: Process | undefined): string {
  return process?.workload.docker || `user ${process?.euid}`
}

function ofCorrelation(found: CorrelationFinding, origin: string): Candidate {
  const { correlation, group, parts, uncertain } = found
  return {
    rule: correlation,
    lineage: boundedKey(JSON.stringify(group)),
    origin,
    says: '',
    detail: () => ({
      fields: group.map(([field, value]) => ({ field, value })),
      uncertain,
      execIds: [...new Set(parts.map((part) => part.id))],
    }),
  }
}
