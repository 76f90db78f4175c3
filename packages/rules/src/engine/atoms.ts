import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Test } from '../model/test.ts'
import { fold } from '../text/fold.ts'
import { mapLiterals, writeWildcards } from '../text/wildcard.ts'

/** A test of a field that rules share: evaluated once for each subject. */
export interface Atom {
  readonly number: number
  readonly field: FieldRef
  readonly test: Exclude<Test, { kind: 'field' }>
}

/** Numbers the atoms of one kind of subject: of processes, or of the events of a log source. */
export class AtomTable {
  readonly atoms: Atom[] = []
  readonly #numbers = new Map<string, number>()

  /** The number of an atom; equal ones have the same. */
  numberOf(field: FieldRef, test: Atom['test']): number {
    const key = `${field.path}\n${testKey(test)}`
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.atoms.length
      this.#numbers.set(key, number)
      this.atoms.push({ number, field, test })
    }
    return number
  }
}

/** Equal for tests with the same meaning. */
function testKey(test: Atom['test']): string {
  switch (test.kind) {
    case 'text': {
      if (test.cased) return `cased ${writeWildcards(test.text)}`
      return `text ${writeWildcards(mapLiterals(test.text, fold))}`
    }
    case 'regexp':
      return `regexp ${test.flags} ${test.source}`
    case 'network':
      return `network ${test.written}`
    case 'number':
      return `number ${test.comparison} ${test.number}`
    case 'date':
      return `date ${test.part} ${test.comparison} ${test.number}`
    case 'exists':
      return `exists ${test.wanted}`
    case 'null':
      return 'null'
  }
}
