import type { Event, Process } from '@tetragon-ts/api'
import type { LinkedRules } from '../link/link-rules.ts'
import type { EventRecord } from '../log-sources/field.ts'
import { type LogSourceName, logSources } from '../log-sources/index.ts'
import type { Rule } from '../model/rule.ts'
import { possibleMatch } from './possible-match.ts'
import type { ProcessFacts } from './process-facts.ts'
import type { Scanner } from './scanner.ts'
import type { RuleMatch, SourceProgram } from './source-program.ts'
import type { Subject } from './subject.ts'

/** The processes of an event; unknown ones are undefined. */
export interface EventProcesses {
  readonly process: ProcessFacts | undefined
  readonly parent?: ProcessFacts
  /** Known ancestors from the parent on, in any order; called if a rule on ancestors needs them. */
  readonly ancestors?: () => readonly ProcessFacts[]
}

/** A match, and the values that it was decided on. */
export interface EventMatch extends RuleMatch {
  readonly subject: Subject
}

const noMatches: readonly RuleMatch[] = []
const noAncestors = (): readonly ProcessFacts[] => []

/** Milliseconds since 1970; now, if the event has no time. */
function timeOf({ response }: Event): number {
  const timeMs = Date.parse(response.time ?? '')
  return Number.isNaN(timeMs) ? Date.now() : timeMs
}

/** Compiled rules. Not for use by several threads; each compiles its own. */
export class RuleSet {
  /** The rules, with what refers to them. */
  readonly linked: LinkedRules
  readonly #processes: Scanner<Process>
  readonly #programs: ReadonlyMap<LogSourceName, SourceProgram>
  readonly #unknown: ProcessFacts

  constructor(
    linked: LinkedRules,
    processes: Scanner<Process>,
    programs: ReadonlyMap<LogSourceName, SourceProgram>,
  ) {
    this.linked = linked
    this.#processes = processes
    this.#programs = programs
    this.#unknown = this.facts({})
  }

  /** Log sources that a rule needs. */
  get logSources(): readonly LogSourceName[] {
    return [...this.#programs.keys()]
  }

  /** Bytes of the tables. */
  get byteLength(): number {
    const programs = [...this.#programs.values()]
    return programs.reduce((sum, each) => sum + each.byteLength, this.#processes.byteLength)
  }

  /**
   * Searches the texts of a process, once for each image of it. Tests that need more than a literal
   * are evaluated when a rule needs them; their results are kept in these facts, too.
   */
  facts(process: Process): ProcessFacts {
    const { hits, undecided } = this.#processes.scan(process)
    return { hits, undecided, process }
  }

  /**
   * Rules of a log source that match an event of it. Rules on processes cost no further look at
   * their texts.
   * @param record the event's own fields, as the log source names them
   * @param timeMs time of the event, in milliseconds since 1970: filters can expire
   */
  evaluate(
    logSource: LogSourceName,
    { process, parent, ancestors = noAncestors }: EventProcesses,
    record: EventRecord,
    timeMs: () => number = Date.now,
  ): readonly RuleMatch[] {
    const program = this.#programs.get(logSource)
    if (program === undefined) return noMatches
    const unknown = this.#unknown
    return program.evaluate(process ?? unknown, parent ?? unknown, ancestors, record, timeMs)
  }

  /** How often conditions of rules were evaluated; rules without evaluations are left out. */
  evaluations(): readonly (readonly [rule: Rule, count: number])[] {
    return [...this.#programs.values()].flatMap((each) => [...each.evaluations()])
  }

  /**
   * Whether a rule of a log source can match an event of which some fields are known.
   * @param known values of the event's own fields
   */
  canMatch(logSource: LogSourceName, known: EventRecord): boolean {
    return this.linked.rules.some(({ rule }) => {
      return rule.logSource === logSource && possibleMatch(rule.condition, known) !== false
    })
  }

  /** Rules that match a recorded event, of all log sources that it belongs to. */
  evaluateEvent(event: Event): readonly EventMatch[] {
    const matches: EventMatch[] = []
    let processes: EventProcesses | undefined
    for (const name of this.#programs.keys()) {
      for (const record of logSources[name].records(event)) {
        processes ??= this.#processesOf(event)
        for (const match of this.evaluate(name, processes, record, () => timeOf(event))) {
          matches.push({ ...match, subject: this.#subject(processes, record) })
        }
      }
    }
    return matches
  }

  #subject(
    { process, parent, ancestors = noAncestors }: EventProcesses,
    record: EventRecord,
  ): Subject {
    return {
      record,
      process: (process ?? this.#unknown).process,
      parent: (parent ?? this.#unknown).process,
      ancestors: ancestors().map((each) => each.process),
    }
  }

  #processesOf(event: Event): EventProcesses {
    const body = event.body as {
      readonly process?: Process
      readonly parent?: Process
      readonly ancestors?: readonly Process[]
    }
    const facts = (process: Process | undefined) => process && this.facts(process)
    const parent = facts(body.parent)
    const others = (body.ancestors ?? []).map((each) => this.facts(each))
    return {
      process: facts(body.process),
      ...(parent === undefined ? {} : { parent }),
      ancestors: () => (parent === undefined ? others : [parent, ...others]),
    }
  }
}
