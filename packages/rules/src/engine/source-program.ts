import type { Process } from '@tetragon-ts/api'
import type { EventRecord } from '../log-sources/field.ts'
import { hasExpired } from '../model/filter-expiry.ts'
import type { Rule, RuleFilter } from '../model/rule.ts'
import type { ComparedFields } from './compared-fields.ts'
import {
  type Condition,
  compileCondition,
  type Decisions,
  isTrue,
  isUndecided,
} from './condition.ts'
import type { BitExpression } from './cover.ts'
import type { Covers } from './covers.ts'
import { EventDecisions } from './event-decisions.ts'
import type { ProcessFacts } from './process-facts.ts'
import type { Scan, Scanner } from './scanner.ts'
import type { Steps } from './steps.ts'

/** A rule whose condition is true. */
export interface RuleMatch {
  readonly rule: Rule
  /** Whether it is a finding by itself; otherwise it only counts for correlations. */
  readonly alone: boolean
  /** The filter that excepts it, if one does. */
  readonly suppressedBy: RuleFilter | undefined
}

const noMatches: readonly RuleMatch[] = []

/** A rule with its conditions over bits. */
export interface LoweredRule {
  readonly rule: Rule
  readonly alone: boolean
  readonly condition: BitExpression
  readonly filters: readonly { readonly filter: RuleFilter; readonly condition: BitExpression }[]
}

interface CompiledRule {
  readonly rule: Rule
  readonly alone: boolean
  readonly condition: Condition
  readonly filters: readonly { readonly filter: RuleFilter; readonly condition: Condition }[]
}

interface SourceProgramParts {
  readonly rules: readonly LoweredRule[]
  readonly compared: readonly ComparedFields[]
  readonly scanner: Scanner<EventRecord>
  readonly processScanner: Scanner<Process>
  readonly covers: Covers
}

/** The rules of one log source. Only those are evaluated of which a rare atom can be true. */
export class SourceProgram {
  readonly #rules: readonly CompiledRule[]
  readonly #scanner: Scanner<EventRecord>
  readonly #processScanner: Scanner<Process>
  /** Rules by the bits of their covers: those of a bit are from `#start` on. */
  readonly #start: Int32Array
  readonly #covered: Int32Array
  /** Rules without a cover. */
  readonly #always: readonly number[]
  /** Whether a cover has a bit of ancestors; otherwise these are looked at if a test needs them. */
  readonly #coversAncestors: boolean
  readonly #bits: Uint8Array
  /** What bits are between events: undecided if a test needs values to know more. */
  readonly #resting: Uint8Array
  readonly #shared: ConstructorParameters<typeof EventDecisions>[1]
  readonly #seen: Uint8Array
  readonly #candidates: number[] = []
  /** By rule. */
  readonly #evaluations: Float64Array

  private constructor(parts: SourceProgramParts, compiled: readonly CompiledRule[]) {
    const { compared, scanner, processScanner, covers } = parts
    this.#scanner = scanner
    this.#processScanner = processScanner
    this.#rules = compiled
    this.#always = covers.always
    this.#start = covers.start
    this.#covered = covers.covered
    const processes = processScanner.atomCount
    this.#coversAncestors = this.#start[3 * processes] > this.#start[2 * processes]
    this.#resting = new Uint8Array(covers.start.length - 1)
    this.#resting.fill(isUndecided, 2 * processes, 3 * processes)
    for (const atom of processScanner.open) {
      this.#resting[atom] = isUndecided
      this.#resting[processes + atom] = isUndecided
    }
    this.#bits = this.#resting.slice()
    this.#seen = new Uint8Array(compiled.length)
    this.#evaluations = new Float64Array(compiled.length)
    const above = new Uint8Array(processes)
    this.#shared = { scanner, processScanner, compared, bits: this.#bits, changed: [], above }
  }

  /** Compiles the rules of a log source. */
  static *of(parts: SourceProgramParts): Steps<SourceProgram> {
    const { rules } = parts
    const compiled: CompiledRule[] = []
    for (const { rule, alone, condition, filters } of rules) {
      compiled.push({
        ...{ rule, alone, condition: compileCondition(condition) },
        filters: filters.map((each) => {
          return { filter: each.filter, condition: compileCondition(each.condition) }
        }),
      })
      yield
    }
    return new SourceProgram(parts, compiled)
  }

  get byteLength(): number {
    const tables = [
      this.#start,
      this.#covered,
      this.#bits,
      this.#resting,
      this.#seen,
      this.#evaluations,
    ]
    return tables.reduce((sum, each) => sum + each.byteLength, this.#scanner.byteLength)
  }

  /** Number of evaluations of each rule that had some. */
  *evaluations(): Iterable<readonly [Rule, number]> {
    for (const [i, { rule }] of this.#rules.entries()) {
      if (this.#evaluations[i] > 0) yield [rule, this.#evaluations[i]]
    }
  }

  /** Rules that match. @param timeMs of the event, if a filter that expires is asked */
  evaluate(
    process: ProcessFacts,
    parent: ProcessFacts,
    ancestors: () => readonly ProcessFacts[],
    record: EventRecord,
    timeMs: () => number,
  ): readonly RuleMatch[] {
    const own = this.#scanner.scan(record)
    const processes = this.#processScanner.atomCount
    const candidates = this.#candidates
    this.#collect(process, 0)
    this.#collect(parent, processes)
    if (this.#coversAncestors) for (const each of ancestors()) this.#collect(each, 2 * processes)
    this.#collect(own, 3 * processes)
    if (candidates.length === 0 && this.#always.length === 0) return noMatches
    const matches: RuleMatch[] = []
    const decisions = new EventDecisions({ process, parent, ancestors, record, own }, this.#shared)
    this.#mark(process, 0)
    this.#mark(parent, processes)
    this.#mark(own, 3 * processes)
    try {
      for (const index of candidates) this.#test(index, decisions, matches, timeMs)
      for (const index of this.#always) this.#test(index, decisions, matches, timeMs)
    } finally {
      decisions.end()
      this.#clear(process, 0)
      this.#clear(parent, processes)
      this.#clear(own, 3 * processes)
      this.#forgetCandidates()
    }
    return matches.length === 0 ? noMatches : matches
  }

  #test(index: number, decisions: Decisions, matches: RuleMatch[], timeMs: () => number): void {
    const { rule, alone, condition, filters } = this.#rules[index]
    this.#evaluations[index]++
    if (!condition(this.#bits, decisions)) return
    const suppressing = filters.find((each) => {
      return (
        !each.condition(this.#bits, decisions) &&
        !(each.filter.expires !== undefined && hasExpired(each.filter, timeMs()))
      )
    })
    matches.push({ rule, alone, suppressedBy: suppressing?.filter })
  }

  #mark({ hits, undecided }: Scan, from: number): void {
    for (let i = 0; i < undecided.length; i++) {
      const bit = from + undecided[i]
      this.#bits[bit] = isUndecided
      this.#shared.changed.push(bit)
    }
    for (let i = 0; i < hits.length; i++) this.#bits[from + hits[i]] = isTrue
  }

  #clear({ hits }: Scan, from: number): void {
    for (let i = 0; i < hits.length; i++) this.#bits[from + hits[i]] = this.#resting[from + hits[i]]
  }

  #forgetCandidates(): void {
    for (const bit of this.#shared.changed) this.#bits[bit] = this.#resting[bit]
    this.#shared.changed.length = 0
    for (const index of this.#candidates) this.#seen[index] = 0
    this.#candidates.length = 0
  }

  #collect({ hits, undecided }: Scan, from: number): void {
    for (let i = 0; i < hits.length; i++) this.#addCovered(from + hits[i])
    for (let i = 0; i < undecided.length; i++) this.#addCovered(from + undecided[i])
  }

  #addCovered(bit: number): void {
    const end = this.#start[bit + 1]
    for (let at = this.#start[bit]; at < end; at++) {
      const index = this.#covered[at]
      if (this.#seen[index] !== 0) continue
      this.#seen[index] = 1
      this.#candidates.push(index)
    }
  }
}
