import type { Process } from '@tetragon-ts/api'
import type { EventRecord } from '../log-sources/field.ts'
import { type ComparedFields, compareFields } from './compared-fields.ts'
import { type Bits, type Decisions, isFalse, isTrue, isUndecided } from './condition.ts'
import type { ProcessFacts } from './process-facts.ts'
import type { Scan, Scanner } from './scanner.ts'
import { readField, type Subject } from './subject.ts'

/** An event, and what was found in its texts. */
interface SearchedEvent {
  readonly process: ProcessFacts
  readonly parent: ProcessFacts
  readonly ancestors: () => readonly ProcessFacts[]
  readonly record: EventRecord
  readonly own: Scan
}

/** What the decisions of one event after the other use. */
interface Shared {
  readonly scanner: Scanner<EventRecord>
  readonly processScanner: Scanner<Process>
  readonly compared: readonly ComparedFields[]
  readonly bits: Bits
  /** Bits to reset after the event. */
  readonly changed: number[]
  /** What is known of each atom of processes for some ancestor; all false between events. */
  readonly above: Bits
}

/** Decides the bits of an event that a condition needs. */
export class EventDecisions implements Decisions {
  readonly #event: SearchedEvent
  readonly #shared: Shared
  #ancestors: readonly ProcessFacts[] | undefined
  /** Atoms of ancestors. */
  readonly #marked: number[] = []

  constructor(event: SearchedEvent, shared: Shared) {
    this.#event = event
    this.#shared = shared
  }

  bit(bit: number): boolean {
    const { bits, changed, scanner, processScanner } = this.#shared
    const { process, parent, record, own } = this.#event
    const processes = processScanner.atomCount
    let value: boolean
    if (bit >= 3 * processes) value = scanner.decide(bit - 3 * processes, record, own)
    else if (bit >= 2 * processes) {
      value = this.#ofAncestors(bit - 2 * processes)
    } else {
      const facts = bit < processes ? process : parent
      value = processScanner.decide(bit % processes, facts.process, facts)
    }
    changed.push(bit)
    bits[bit] = value ? isTrue : isFalse
    return value
  }

  compared(index: number): boolean {
    const { process, parent, ancestors, record } = this.#event
    const subject: Subject = {
      record,
      process: process.process,
      parent: parent.process,
      ancestors: ancestors().map((each) => each.process),
    }
    return compareFields(this.#shared.compared[index], (field) => readField(field, subject))
  }

  /** Frees what it shares. */
  end(): void {
    const { above } = this.#shared
    for (const atom of this.#marked) above[atom] = isFalse
  }

  #ofAncestors(atom: number): boolean {
    const { above, processScanner } = this.#shared
    if (this.#ancestors === undefined) {
      this.#ancestors = this.#event.ancestors()
      for (const { hits, undecided } of this.#ancestors) {
        for (const atom of undecided) if (above[atom] === isFalse) above[atom] = isUndecided
        for (const atom of hits) above[atom] = isTrue
        this.#marked.push(...hits, ...undecided)
      }
    }
    if (above[atom] === isTrue) return true
    if (above[atom] === isFalse && !processScanner.open.has(atom)) return false
    return this.#ancestors.some((facts) => processScanner.decide(atom, facts.process, facts))
  }
}
