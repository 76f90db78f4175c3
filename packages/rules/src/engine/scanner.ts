import type { FieldValue } from '../log-sources/field.ts'
import { fold } from '../text/fold.ts'
import type { Automaton } from './automaton.ts'
import { atEnd, atStart, candidate, type Evaluated, type ScannerTables } from './scanner-tables.ts'

/** Numbers of atoms of a subject, in no order. */
export interface Scan {
  /** True atoms. */
  readonly hits: number[]
  /**
   * Atoms of which a literal was found, and no more is known yet. A decision moves an atom to the
   * hits, or removes it.
   */
  readonly undecided: number[]
}

const nothingFound: Scan = { hits: [], undecided: [] }

/**
 * Finds the true atoms of a subject with one pass of the automaton over each of its texts. Tests
 * that need more than a literal are left undecided: expressions take long, and those in exceptions
 * of rules that do not match are not needed.
 */
export class Scanner<Subject> {
  readonly #tables: ScannerTables<Subject>
  readonly #automaton: Automaton
  readonly #scanned: readonly number[]
  readonly #useStart: Int32Array
  readonly #uses: Int32Array
  readonly #lengths: Int32Array
  readonly #headOf: Int32Array
  /** Heads of the texts in this scan. */
  readonly #headFound: Uint8Array
  readonly #foundHeads: number[] = []
  readonly #noteHead = (head: number): boolean => {
    this.#foundHead(head)
    return false
  }
  /** Whether an atom was found in this scan. */
  readonly #found: Uint8Array
  #hits: number[] = []
  #undecided: number[] = []
  /** The last subject, and its values that were read: to compose a text takes long, too. */
  #subject: Subject | undefined
  readonly #values: FieldValue[] = []
  readonly #isRead: Uint8Array

  constructor(tables: ScannerTables<Subject>) {
    this.#tables = tables
    this.#automaton = tables.automaton
    this.#scanned = [...tables.scanned]
    this.#useStart = tables.useStart
    this.#uses = tables.uses
    this.#lengths = tables.lengths
    this.#headOf = tables.headOf
    this.#headFound = new Uint8Array(tables.heads.length)
    this.#found = new Uint8Array(tables.atomCount)
    this.#isRead = new Uint8Array(tables.readers.length)
    this.atomCount = tables.atomCount
  }

  readonly atomCount: number

  /** Bytes of its tables. */
  get byteLength(): number {
    return this.#automaton.byteLength + this.#uses.byteLength + this.#useStart.byteLength
  }

  /** Looks for the literals of all atoms, and evaluates tests without literals. */
  scan(subject: Subject): Scan {
    this.#subject = undefined
    for (const field of this.#scanned) {
      const value = this.#read(field, subject)
      if (typeof value === 'string') this.#search(field, value)
      else if (value !== undefined) for (const each of value) this.#search(field, each)
    }
    if (this.#foundHeads.length > 0) this.#forgetHeads()
    for (const { atom, field, test } of this.#tables.always) {
      if (test(this.#read(field, subject))) this.#hits.push(atom)
    }
    const hits = this.#hits
    const undecided = this.#undecided
    if (hits.length === 0 && undecided.length === 0) return nothingFound
    for (const atom of hits) this.#found[atom] = 0
    for (const atom of undecided) this.#found[atom] = 0
    this.#hits = []
    this.#undecided = []
    return { hits, undecided }
  }

  /** Whether an atom is true of a subject. @param scan of this subject; learns the decision */
  decide(atom: number, subject: Subject, scan: Scan): boolean {
    const { hits, undecided } = scan
    const at = undecided.indexOf(atom)
    if (at < 0) return hits.includes(atom)
    undecided[at] = undecided[undecided.length - 1]
    undecided.pop()
    const { field, test } = this.#tables.evaluated.get(atom) as Evaluated
    const isTrue = test(this.#read(field, subject))
    if (isTrue) hits.push(atom)
    return isTrue
  }

  #read(field: number, subject: Subject): FieldValue {
    if (subject !== this.#subject) {
      this.#subject = subject
      this.#isRead.fill(0)
    }
    if (this.#isRead[field] === 0) {
      this.#values[field] = this.#tables.readers[field](subject)
      this.#isRead[field] = 1
    }
    return this.#values[field]
  }

  #search(field: number, text: string): void {
    const heads = this.#tables.headAutomata[field]
    const isUnclear = heads === 'too large' || heads?.run(text, this.#noteHead) === undefined
    if (heads !== undefined && isUnclear) {
      // Not known, or given up: the text may begin in any way.
      for (const [head, { field: of }] of this.#tables.heads.entries()) {
        if (of === field) this.#foundHead(head, true)
      }
    }
    this.#scanText(field, text)
  }

  #scanText(field: number, text: string): void {
    const automaton = this.#automaton
    const { classes, dense, denseStates, classCount } = automaton
    const length = text.length
    // The offset of a state's row; `~state` if it has none.
    let at = 0
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) {
        // What was found before is found again.
        this.#scanFolded(field, fold(text))
        return
      }
      at = at >= 0 ? dense[at + classes[code]] : ~automaton.next(~at, classes[code])
      if (at < 0) {
        const state = ~at
        if (automaton.hasOutput(state)) this.#use(field, state, i + 1, length)
        if (state < denseStates) at = state * classCount
      }
    }
  }

  /** The same for a text with other characters than ASCII. */
  #scanFolded(field: number, text: string): void {
    const automaton = this.#automaton
    const { classes, otherClasses } = automaton
    let state = 0
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      state = automaton.next(state, code < 128 ? classes[code] : (otherClasses.get(code) ?? 0))
      if (automaton.hasOutput(state)) this.#use(field, state, i + 1, text.length)
    }
  }

  /** @param isUncertain whether the text may begin in another way */
  #foundHead(head: number, isUncertain = false): void {
    if (this.#headFound[head] !== 0) return
    this.#headFound[head] = 1
    this.#foundHeads.push(head)
    const { decided, undecided } = this.#tables.heads[head]
    for (const atom of decided) this.#addFound(atom, isUncertain)
    for (const atom of undecided) this.#addFound(atom, true)
  }

  #addFound(atom: number, isCandidate: boolean): void {
    if (this.#found[atom] !== 0) return
    this.#found[atom] = 1
    if (isCandidate) this.#undecided.push(atom)
    else this.#hits.push(atom)
  }

  #forgetHeads(): void {
    for (const head of this.#foundHeads) this.#headFound[head] = 0
    this.#foundHeads.length = 0
  }

  /** Takes note of the literals that end in a state, at a position of a text. */
  #use(field: number, from: number, end: number, length: number): void {
    const { output, outputLink } = this.#automaton
    const found = this.#found
    for (let state = from; state > 0; state = outputLink[state]) {
      const literal = output[state]
      if (literal < 0) continue
      const last = this.#useStart[literal + 1]
      for (let at = this.#useStart[literal]; at < last; at += 3) {
        if (this.#uses[at] !== field) continue
        const atom = this.#uses[at + 1]
        const how = this.#uses[at + 2]
        if (found[atom] !== 0) continue
        const head = this.#headOf[atom]
        if (head >= 0 && this.#headFound[head] === 0) continue
        if ((how & atEnd) !== 0 && end !== length) continue
        if ((how & atStart) !== 0 && end !== this.#lengths[literal]) continue
        this.#addFound(atom, (how & candidate) !== 0)
      }
    }
  }
}
