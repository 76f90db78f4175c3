import type { Process } from '@tetragon-ts/api'
import type { EventRecord } from '../log-sources/field.ts'
import type { Rule, RuleFilter } from '../model/rule.ts'
import type { ComparedFields } from './compared-fields.ts'
import { compareFields } from './compared-fields.ts'
import { type Condition, compileCondition } from './condition.ts'
import { type BitExpression, coverOf } from './cover.ts'
import type { Hits, Scanner } from './scanner.ts'
import { readField, type Subject } from './subject.ts'

/**
 * What a rule set has found out about a process. To be kept with the process, and passed again for
 * each of its events and those of its descendants.
 */
export interface ProcessFacts {
  /** True atoms of the process. */
  readonly hits: Hits
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
  /** Number of atoms of processes. */
  readonly processes: number
  readonly costOf: (bit: number) => number
}

/** The rules of one log source. Only those are evaluated of which a rare atom is true. */
export class SourceProgram {
  readonly #rules: readonly CompiledRule[]
  readonly #scanner: Scanner<EventRecord>
  readonly #compared: readonly ComparedFields[]
  readonly #processes: number
  /** Rules by the bits of their covers: those of a bit are from `#start` on. */
  readonly #start: Int32Array
  readonly #covered: Int32Array
  /** Rules without a cover. */
  readonly #always: readonly number[]
  readonly #bits: Uint8Array
  readonly #seen: Uint8Array
  readonly #candidates: number[] = []

  constructor({ rules, compared, scanner, processes, costOf }: SourceProgramParts) {
    this.#scanner = scanner
    this.#compared = compared
    this.#processes = processes
    this.#rules = rules.map(({ rule, alone, condition, filters }) => ({
      rule,
      alone,
      condition: compileCondition(condition),
      filters: filters.map((each) => ({
        filter: each.filter,
        condition: compileCondition(each.condition),
      })),
    }))
    const size = 3 * processes + scanner.atomCount
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
    const processes = this.#processes
    const candidates = this.#candidates
    this.#collect(process.hits, 0, candidates)
    this.#collect(parent.hits, processes, candidates)
    for (const { hits } of ancestors) this.#collect(hits, 2 * processes, candidates)
    this.#collect(own, 3 * processes, candidates)
    if (candidates.length === 0 && this.#always.length === 0) return noMatches
    const set = (value: 0 | 1): void => {
      this.#set(process.hits, 0, value)
      this.#set(parent.hits, processes, value)
      for (const { hits } of ancestors) this.#set(hits, 2 * processes, value)
      this.#set(own, 3 * processes, value)
    }
    set(1)
    // Needed by tests that compare two fields, and only by these.
    const compared = (index: number): boolean => {
      const subject: Subject = {
        record,
        process: process.process,
        parent: parent.process,
        ancestors: ancestors.map((each) => each.process),
      }
      return compareFields(this.#compared[index], (field) => readField(field, subject))
    }
    const matches: RuleMatch[] = []
    for (const index of candidates) {
      this.#seen[index] = 0
      this.#test(this.#rules[index], compared, matches)
    }
    for (const index of this.#always) this.#test(this.#rules[index], compared, matches)
    set(0)
    candidates.length = 0
    return matches.length === 0 ? noMatches : matches
  }

  #test(
    { rule, alone, condition, filters }: CompiledRule,
    compared: (index: number) => boolean,
    matches: RuleMatch[],
  ): void {
    if (!condition(this.#bits, compared)) return
    const suppressing = filters.find((each) => !each.condition(this.#bits, compared))
    matches.push({ rule, alone, suppressedBy: suppressing?.filter })
  }

  #set(hits: Hits, from: number, value: 0 | 1): void {
    for (let i = 0; i < hits.length; i++) this.#bits[from + hits[i]] = value
  }

  #collect(hits: Hits, from: number, candidates: number[]): void {
    for (let i = 0; i < hits.length; i++) {
      const bit = from + hits[i]
      const end = this.#start[bit + 1]
      for (let at = this.#start[bit]; at < end; at++) {
        const index = this.#covered[at]
        if (this.#seen[index] !== 0) continue
        this.#seen[index] = 1
        candidates.push(index)
      }
    }
  }
}
