import type { Process } from '@tetragon-ts/api'
import type { EventRecord } from '../log-sources/field.ts'
import type { Rule, RuleFilter } from '../model/rule.ts'
import type { ComparedFields } from './compared-fields.ts'
import { compareFields } from './compared-fields.ts'
import {
  type Condition,
  compileCondition,
  type Decisions,
  isFalse,
  isTrue,
  isUndecided,
} from './condition.ts'
import { type BitExpression, coverOf } from './cover.ts'
import type { Scan, Scanner } from './scanner.ts'
import { readField, type Subject } from './subject.ts'

/**
 * What a rule set has found out about a process. To be kept with the process, and passed again for
 * each of its events and those of its descendants.
 */
export interface ProcessFacts extends Scan {
  readonly process: Process
}

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
interface LoweredRule {
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
  readonly costOf: (bit: number) => number
}

/** The rules of one log source. Only those are evaluated of which a rare atom can be true. */
export class SourceProgram {
  readonly #rules: readonly CompiledRule[]
  readonly #scanner: Scanner<EventRecord>
  readonly #processScanner: Scanner<Process>
  readonly #compared: readonly ComparedFields[]
  /** Rules by the bits of their covers: those of a bit are from `#start` on. */
  readonly #start: Int32Array
  readonly #covered: Int32Array
  /** Rules without a cover. */
  readonly #always: readonly number[]
  readonly #bits: Uint8Array
  /** Bits that were undecided in this evaluation. */
  readonly #undecided: number[] = []
  readonly #seen: Uint8Array
  readonly #candidates: number[] = []

  constructor({ rules, compared, scanner, processScanner, costOf }: SourceProgramParts) {
    this.#scanner = scanner
    this.#processScanner = processScanner
    this.#compared = compared
    this.#rules = rules.map(({ rule, alone, condition, filters }) => ({
      rule,
      alone,
      condition: compileCondition(condition),
      filters: filters.map((each) => ({
        filter: each.filter,
        condition: compileCondition(each.condition),
      })),
    }))
    const size = 3 * processScanner.atomCount + scanner.atomCount
    const byBit: number[][] = []
    const always: number[] = []
    let entries = 0
    for (const [index, { condition }] of rules.entries()) {
      const cover = coverOf(condition, costOf)
      if (cover === undefined) always.push(index)
      else {
        for (const bit of new Set(cover.bits)) {
          if (byBit[bit] === undefined) byBit[bit] = []
          byBit[bit].push(index)
          entries++
        }
      }
    }
    this.#always = always
    this.#start = new Int32Array(size + 1)
    this.#covered = new Int32Array(entries)
    let at = 0
    for (let bit = 0; bit < size; bit++) {
      for (const index of byBit[bit] ?? []) this.#covered[at++] = index
      this.#start[bit + 1] = at
    }
    this.#bits = new Uint8Array(size)
    this.#seen = new Uint8Array(rules.length)
  }

  get byteLength(): number {
    const tables = [this.#start, this.#covered, this.#bits, this.#seen]
    return tables.reduce((sum, each) => sum + each.byteLength, this.#scanner.byteLength)
  }

  /** Rules that match. */
  evaluate(
    process: ProcessFacts,
    parent: ProcessFacts,
    ancestors: readonly ProcessFacts[],
    record: EventRecord,
  ): readonly RuleMatch[] {
    const own = this.#scanner.scan(record)
    const processes = this.#processScanner.atomCount
    const candidates = this.#candidates
    this.#collect(process, 0)
    this.#collect(parent, processes)
    for (const each of ancestors) this.#collect(each, 2 * processes)
    this.#collect(own, 3 * processes)
    if (candidates.length === 0 && this.#always.length === 0) return noMatches
    this.#mark(process, 0)
    this.#mark(parent, processes)
    for (const each of ancestors) this.#mark(each, 2 * processes)
    this.#mark(own, 3 * processes)
    const decisions: Decisions = {
      bit: (bit) => {
        const role = bit >= 3 * processes ? 3 : Math.floor(bit / processes)
        const atom = bit - role * processes
        const ofProcess = (facts: ProcessFacts): boolean =>
          this.#processScanner.decide(atom, facts.process, facts)
        const value =
          role === 3
            ? this.#scanner.decide(atom, record, own)
            : role === 2
              ? ancestors.some(ofProcess)
              : ofProcess(role === 1 ? parent : process)
        this.#bits[bit] = value ? isTrue : isFalse
        return value
      },
      compared: (index) => {
        const subject: Subject = {
          record,
          process: process.process,
          parent: parent.process,
          ancestors: ancestors.map((each) => each.process),
        }
        return compareFields(this.#compared[index], (field) => readField(field, subject))
      },
    }
    const matches: RuleMatch[] = []
    for (const index of candidates) {
      this.#seen[index] = 0
      this.#test(this.#rules[index], decisions, matches)
    }
    for (const index of this.#always) this.#test(this.#rules[index], decisions, matches)
    this.#clear(process, 0)
    this.#clear(parent, processes)
    for (const each of ancestors) this.#clear(each, 2 * processes)
    this.#clear(own, 3 * processes)
    for (const bit of this.#undecided) this.#bits[bit] = isFalse
    if (this.#undecided.length > 0) this.#undecided.length = 0
    candidates.length = 0
    return matches.length === 0 ? noMatches : matches
  }

  #test(
    { rule, alone, condition, filters }: CompiledRule,
    decisions: Decisions,
    matches: RuleMatch[],
  ): void {
    if (!condition(this.#bits, decisions)) return
    const suppressing = filters.find((each) => !each.condition(this.#bits, decisions))
    matches.push({ rule, alone, suppressedBy: suppressing?.filter })
  }

  /** Several ancestors share their bits. */
  #mark({ hits, undecided }: Scan, from: number): void {
    for (let i = 0; i < undecided.length; i++) {
      const bit = from + undecided[i]
      if (this.#bits[bit] !== isFalse) continue
      this.#bits[bit] = isUndecided
      this.#undecided.push(bit)
    }
    for (let i = 0; i < hits.length; i++) this.#bits[from + hits[i]] = isTrue
  }

  #clear({ hits }: Scan, from: number): void {
    for (let i = 0; i < hits.length; i++) this.#bits[from + hits[i]] = isFalse
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
