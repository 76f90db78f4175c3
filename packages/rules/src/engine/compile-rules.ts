import type { LinkedRules } from '../link/link-rules.ts'
import type { EventRecord } from '../log-sources/field.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { LogSourceName } from '../log-sources/index.ts'
import { processField } from '../log-sources/process-fields.ts'
import { testsOf } from '../model/expression.ts'
import { type Atom, AtomTable } from './atoms.ts'
import type { ComparedFields } from './compared-fields.ts'
import { type Covers, coversOf } from './covers.ts'
import { Requirements } from './literals.ts'
import { costOfTest, lower } from './lower.ts'
import { RuleSet } from './rule-set.ts'
import { Scanner } from './scanner.ts'
import { ScannerTables } from './scanner-tables.ts'
import { type LoweredRule, SourceProgram } from './source-program.ts'
import { inSteps, runSteps, type Steps } from './steps.ts'

/** Where the bits of each kind of subject begin, in numbers of atoms of processes. */
const roleOffsets = { process: 0, parent: 1, ancestors: 2 } as const

/**
 * Compiles rules: their tests become atoms that rules share, found by one automaton for processes
 * and one for the events of each log source; conditions become tests of bits.
 */
export function compileRules(linked: LinkedRules): RuleSet {
  return runSteps(compileInSteps(linked))
}

/** The same in steps of at most some milliseconds each. */
export function* compileInSteps(linked: LinkedRules): Steps<RuleSet> {
  const processAtoms = new AtomTable()
  const bySource = new Map<LogSourceName, LinkedRules['rules'][number][]>()
  for (const each of linked.rules) {
    const others = bySource.get(each.rule.logSource)
    if (others === undefined) bySource.set(each.rule.logSource, [each])
    else others.push(each)
    for (const expression of [each.rule.condition, ...each.filters.map((one) => one.condition)]) {
      yield* inSteps(testsOf(expression), ({ field, test }) => {
        if (field.of !== 'event' && test.kind !== 'field') processAtoms.numberOf(field, test)
      })
      yield
    }
  }
  const processes = processAtoms.atoms.length
  const requirements = new Requirements()
  const lowered = new Map<LogSourceName, LoweredSource>()
  /** Atoms of processes that rules wait for. */
  const covering = new Set<number>()
  for (const [name, rules] of bySource) {
    const eventAtoms = new AtomTable()
    const compared: ComparedFields[] = []
    const bitOf = (field: FieldRef, test: Atom['test']): number => {
      if (field.of === 'event') return 3 * processes + eventAtoms.numberOf(field, test)
      return roleOffsets[field.of] * processes + processAtoms.numberOf(field, test)
    }
    const ofSource: LoweredRule[] = []
    for (const { rule, filters, alone } of rules) {
      ofSource.push({
        rule,
        alone,
        condition: lower(rule.condition, bitOf, compared),
        filters: filters.map(({ filter, condition }) => {
          return { filter, condition: lower(condition, bitOf, compared) }
        }),
      })
      yield
    }
    const costs: number[] = []
    const costOf = (bit: number): number => {
      costs[bit] ??= newCost(bit)
      return costs[bit]
    }
    const newCost = (bit: number): number => {
      const isEvent = bit >= 3 * processes
      const atom = isEvent
        ? eventAtoms.atoms[bit - 3 * processes]
        : processAtoms.atoms[bit % processes]
      // Most processes have many ancestors.
      return (
        costOfTest(atom.test, requirements.of(atom.test)) *
        (!isEvent && bit >= 2 * processes ? 4 : 1)
      )
    }
    const conditions = ofSource.map(({ condition }) => condition)
    const covers = yield* coversOf(conditions, 3 * processes + eventAtoms.atoms.length, costOf)
    for (const bit of covers.bits) if (bit < 3 * processes) covering.add(bit % processes)
    lowered.set(name, { rules: ofSource, compared, covers, atoms: eventAtoms.atoms })
  }
  const isWaitedFor = (atom: number): boolean => covering.has(atom)
  const tables = yield* ScannerTables.of(processAtoms.atoms, readerOf, requirements, isWaitedFor)
  const processScanner = new Scanner(tables)
  const programs = new Map<LogSourceName, SourceProgram>()
  for (const [name, { atoms, ...parts }] of lowered) {
    const scanner = new Scanner(yield* ScannerTables.of(atoms, readerOfEvents, requirements))
    programs.set(name, yield* SourceProgram.of({ ...parts, scanner, processScanner }))
  }
  return new RuleSet(linked, processScanner, programs)
}

interface LoweredSource {
  readonly rules: readonly LoweredRule[]
  readonly compared: readonly ComparedFields[]
  readonly covers: Covers
  /** Of the event's own fields. */
  readonly atoms: readonly Atom[]
}

const readerOfEvents = (path: string) => ({ read: (record: EventRecord) => record[path] })

function readerOf(path: string) {
  const field = processField(path)
  if (field === undefined) throw new Error(`compile rules: no field of processes at ${path}`)
  return field
}
