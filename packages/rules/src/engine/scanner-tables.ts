import type { LazyAutomaton } from '@tetragon-ts/policy/regexp'
import type { FieldValue } from '../log-sources/field.ts'
import type { Atom } from './atoms.ts'
import { Automaton } from './automaton.ts'
import { HeadCollector } from './head-automaton.ts'
import { type Anchor, type Requirement, Requirements } from './literals.ts'
import { inSteps, type Steps } from './steps.ts'
import { type ValueTest, valueTest } from './test-value.ts'

/** Reads a field of a subject. */
export interface FieldReader<Subject> {
  readonly read: (subject: Subject) => FieldValue
  /** What the value begins with; many subjects have the same. */
  readonly start?: (subject: Subject) => string | undefined
  /** What the value has after its start and a blank; undefined: nothing. */
  readonly rest?: (subject: Subject) => string | undefined
}

/** An occurrence of a literal in a field that concerns an atom. */
interface Use {
  readonly atom: number
  readonly field: number
  readonly anchor: Anchor
  readonly decides: boolean
}

/** An atom that is evaluated if a literal of it was found and a condition needs it, or always. */
export interface Evaluated {
  readonly atom: number
  readonly field: number
  readonly test: ValueTest
}

/** Atoms that need no literal if a text begins as they demand. */
interface Head {
  readonly field: number
  readonly decided: number[]
  readonly undecided: number[]
}

/** How an occurrence is used, as bits of an entry of `uses`. */
export const atStart = 1
export const atEnd = 2
export const candidate = 4

/** What the atoms of a subject need to be found in its texts. */
export class ScannerTables<Subject> {
  readonly readers: FieldReader<Subject>[] = []
  /** Fields whose texts are scanned. */
  readonly scanned = new Set<number>()
  /** Atoms of which nothing is certain. */
  readonly always: Evaluated[] = []
  /**
   * Atoms of which nothing is certain, and that no rule waits for: a condition that needs one
   * evaluates it.
   */
  readonly open = new Set<number>()
  readonly evaluated = new Map<number, Evaluated>()
  /** Finds how texts of a field begin. */
  readonly headAutomata: (LazyAutomaton | 'too large' | undefined)[] = []
  readonly heads: Head[] = []
  /** The head that an atom needs besides a literal; -1: none. */
  readonly headOf: Int32Array
  readonly atomCount: number
  automaton = Automaton.of([])
  lengths = new Int32Array(0)
  /** Uses of each literal: from `useStart`, three numbers each: field, atom, bits. */
  useStart = new Int32Array(0)
  uses = new Int32Array(0)
  readonly #fields = new Map<string, number>()
  readonly #collectors = new Map<number, HeadCollector>()
  readonly #usesOf = new Map<string, Use[]>()
  readonly #readerOf: (path: string) => FieldReader<Subject>

  private constructor(atomCount: number, readerOf: (path: string) => FieldReader<Subject>) {
    this.atomCount = atomCount
    this.headOf = new Int32Array(atomCount).fill(-1)
    this.#readerOf = readerOf
  }

  /**
   * @param readerOf reader of a field's path
   * @param requirements those of the atoms, which it takes
   * @param isWaitedFor whether a rule is evaluated only if an atom may be true
   */
  static *of<Subject>(
    atoms: readonly Atom[],
    readerOf: (path: string) => FieldReader<Subject>,
    requirements = new Requirements(),
    isWaitedFor: (atom: number) => boolean = () => true,
  ): Steps<ScannerTables<Subject>> {
    const tables = new ScannerTables(atoms.length, readerOf)
    yield* inSteps(atoms, (atom) => {
      tables.#add(atom, requirements.take(atom.test), isWaitedFor(atom.number))
    })
    for (const [field, collector] of tables.#collectors) {
      if (collector.isEmpty) continue
      tables.headAutomata[field] = (yield* collector.compile()) ?? 'too large'
    }
    yield* tables.#compileUses()
    return tables
  }

  #fieldOf(path: string): number {
    let field = this.#fields.get(path)
    if (field === undefined) {
      field = this.#fields.size
      this.#fields.set(path, field)
      this.#collectors.set(field, new HeadCollector())
      this.readers.push(this.#readerOf(path))
    }
    return field
  }

  #add(
    { number, field: { path }, test }: Atom,
    { literals, head, headDecides, syntax }: Requirement,
    isWaitedFor: boolean,
  ): void {
    const field = this.#fieldOf(path)
    const evaluated: Evaluated = { atom: number, field, test: valueTest(test) }
    if (test.kind === 'regexp' && literals === undefined && !head && !isWaitedFor) {
      this.open.add(number)
      this.evaluated.set(number, evaluated)
      return
    }
    const collector = this.#collectors.get(field) as HeadCollector
    const newHead = (): number => this.heads.push({ field, decided: [], undecided: [] }) - 1
    const searched = literals === undefined ? syntax : undefined
    const own = head
      ? collector.add(head, newHead)
      : searched && collector.addSearched(searched, newHead)
    if (literals === undefined && own === undefined) {
      this.always.push(evaluated)
      return
    }
    this.scanned.add(field)
    if (own !== undefined) {
      if (literals !== undefined) this.headOf[number] = own
      else if (headDecides || head === undefined) this.heads[own].decided.push(number)
      else this.heads[own].undecided.push(number)
      this.evaluated.set(number, evaluated)
    }
    if (literals?.some(({ decides }) => !decides)) this.evaluated.set(number, evaluated)
    for (const { text, anchor, decides } of literals ?? []) {
      const others = this.#usesOf.get(text)
      const use = { atom: number, field, anchor, decides }
      if (others === undefined) this.#usesOf.set(text, [use])
      else others.push(use)
    }
  }

  *#compileUses(): Steps<void> {
    const literals = [...this.#usesOf.keys()]
    this.automaton = yield* Automaton.steps(literals)
    this.lengths = Int32Array.from(literals, ({ length }) => length)
    this.useStart = new Int32Array(literals.length + 1)
    const entries: number[] = []
    let literal = 0
    yield* inSteps(this.#usesOf.values(), (uses) => {
      for (const { field, atom, anchor, decides } of uses) {
        const start = anchor === 'start' || anchor === 'whole' ? atStart : 0
        const end = anchor === 'end' || anchor === 'whole' ? atEnd : 0
        entries.push(field, atom, start | end | (decides ? 0 : candidate))
      }
      this.useStart[++literal] = entries.length
    })
    this.uses = Int32Array.from(entries)
  }
}
