import { nearest } from '@tetragon-ts/api/nearest'
import { compare } from './comparison.ts'
import type { FalcoCheck, FalcoCondition, FalcoField } from './condition.ts'
import { eventFields } from './fields/event-fields.ts'
import { type FalcoFields, readerOf } from './fields/field-table.ts'
import { processFields, userFields } from './fields/process-fields.ts'
import { workloadFields } from './fields/workload-fields.ts'
import { and, never, not, or, type Term, unknown } from './term.ts'
import { FalcoSyntaxError } from './tokens.ts'
import type { View } from './views/view.ts'

/** Conditions of macros by name. */
export type FalcoMacros = ReadonlyMap<string, FalcoCondition>

/** Maximum number of macros inside each other. */
const deepest = 50

/** Fields that only some events have: without a value, comparisons are false. */
const ofSomeEvents = /^(?:fd|fs\.path|evt\.arg|evt\.rawarg)\./

/** Translates conditions for the events of one view. */
export class Translator {
  readonly #tables: readonly FalcoFields[]
  readonly #view: View
  readonly #macros: FalcoMacros
  readonly #terms = new Map<string, Term>()
  readonly #open: string[] = []

  constructor(view: View, macros: FalcoMacros) {
    this.#view = view
    this.#macros = macros
    this.#tables = [
      ...(view.fields === undefined ? [] : [view.fields]),
      eventFields(view),
      ...[processFields, userFields, workloadFields],
    ]
  }

  /** @throws FalcoSyntaxError for a macro that does not exist, or names itself */
  translate(condition: FalcoCondition): Term {
    switch (condition.kind) {
      case 'and':
        return and(condition.of.map((each) => this.translate(each)))
      case 'or':
        return or(condition.of.map((each) => this.translate(each)))
      case 'not':
        return not(this.translate(condition.of))
      case 'macro':
        return this.#macro(condition.name)
      case 'check':
        return this.#check(condition)
    }
  }

  /** Sigma's name for a field; undefined if there is none. */
  shown(field: FalcoField): string | undefined {
    const read = this.#tables.map((table) => readerOf(table, field)).find((each) => each)
    const term = read?.({ how: 'contains', cased: false, values: ['x'], all: false })
    return term?.kind === 'test' ? term.key.split('|')[0] : undefined
  }

  #check(check: FalcoCheck): Term {
    const { field } = check
    for (const table of this.#tables) {
      const read = readerOf(table, field)
      if (read !== undefined) return compare(check, read)
    }
    const isElsewhere = ofSomeEvents.test(field.name) && this.#view.category !== 'tetragon_hook'
    if (isElsewhere) return never
    const names = this.#tables.flatMap(({ plain }) => Object.keys(plain))
    const near = nearest(field.name, names)
    const hint = near === undefined ? '' : `, did you mean ${near}?`
    return unknown(`the field ${field.text} is not translated${hint}`)
  }

  #macro(name: string): Term {
    const known = this.#terms.get(name)
    if (known !== undefined) return known
    const condition = findMacro(this.#macros, name)
    if (this.#open.includes(name) || this.#open.length >= deepest) {
      throw new FalcoSyntaxError(`the macro ${name} contains itself, or too many others`)
    }
    this.#open.push(name)
    const term = this.translate(condition)
    this.#open.pop()
    this.#terms.set(name, term)
    return term
  }
}

/** @throws FalcoSyntaxError if it does not exist */
export function findMacro(macros: FalcoMacros, name: string): FalcoCondition {
  const condition = macros.get(name)
  if (condition !== undefined) return condition
  const near = nearest(name, [...macros.keys()])
  const hint = near === undefined ? '' : `, did you mean ${near}?`
  throw new FalcoSyntaxError(`unknown macro ${JSON.stringify(name)}${hint}`)
}
