import { LazyAutomaton, type Position } from '@tetragon-ts/policy/regexp'
import type { FieldValue } from '../log-sources/field.ts'
import { fold, isAscii } from '../text/fold.ts'
import type { Automaton } from './automaton.ts'
import { type KnownStart, KnownStarts } from './known-starts.ts'
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
  /** By field: of whole texts, and of texts that continue. */
  readonly #knownTexts: KnownStarts[]
  readonly #knownStarts: KnownStarts[]

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
    this.#knownTexts = tables.readers.map(() => new KnownStarts())
    this.#knownStarts = tables.readers.map(() => new KnownStarts())
    this.atomCount = tables.atomCount
  }

  readonly atomCount: number

  /** Atoms that are not searched: undecided of each subject. */
  get open(): ReadonlySet<number> {
    return this.#tables.open
  }

  /** Bytes of its tables. */
  get byteLength(): number {
    return this.#automaton.byteLength + this.#uses.byteLength + this.#useStart.byteLength
  }

  /** Looks for the literals of all atoms, and evaluates tests without literals. */
  scan(subject: Subject): Scan {
    this.#subject = undefined
    for (const field of this.#scanned) {
      const { start, rest } = this.#tables.readers[field]
      const first = start?.(subject)
      if (first !== undefined && this.#searchOn(field, first, rest?.(subject))) continue
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
    if (at < 0) return this.open.has(atom) ? this.#test(atom, subject) : hits.includes(atom)
    undecided[at] = undecided[undecided.length - 1]
    undecided.pop()
    const isTrue = this.#test(atom, subject)
    if (isTrue) hits.push(atom)
    return isTrue
  }

  #test(atom: number, subject: Subject): boolean {
    const { field, test } = this.#tables.evaluated.get(atom) as Evaluated
    return test(this.#read(field, subject))
  }

  #read(field: number, subject: Subject): FieldValue {
    if (subject !== this.#subject) {
      this.#subject = subject
      this.#isRead.fill(0)
    }
    if (this.#isRead[field] === 0) {
      this.#values[field] = this.#tables.readers[field].read(subject)
      this.#isRead[field] = 1
    }
    return this.#values[field]
  }

  /**
   * Searches a text of which the start may be known.
   * @param rest what it has after the start and a blank
   * @returns whether that is possible
   */
  #searchOn(field: number, start: string, rest: string | undefined): boolean {
    const starts = (rest === undefined ? this.#knownTexts : this.#knownStarts)[field]
    let known = starts.get(start)
    if (known === undefined || this.#isForgotten(field, known)) {
      known = this.#learn(field, start, rest === undefined, starts)
    }
    if (known === 'unknown') return false
    for (const head of known.heads) this.#noteHead(head)
    for (const atom of known.hits) this.#addFound(atom, false)
    for (const atom of known.undecided) this.#addFound(atom, true)
    if (rest === undefined) return true
    if (known.position !== undefined) this.#searchHeads(field, rest, known.position)
    this.#scanText(field, rest, known.at, start.length + 1)
    return true
  }

  #isForgotten(field: number, known: KnownStart | 'unknown'): boolean {
    if (known === 'unknown' || known.position === undefined) return false
    const automaton = this.#tables.headAutomata[field]
    return automaton instanceof LazyAutomaton && !automaton.isAt(known.position)
  }

  #learn(
    field: number,
    start: string,
    isWhole: boolean,
    starts: KnownStarts,
  ): KnownStart | 'unknown' {
    const text = isWhole ? start : `${start} `
    const heads = this.#foundHeads.length
    const hits = this.#hits.length
    const undecided = this.#undecided.length
    const automaton = this.#tables.headAutomata[field]
    let position: Position | 'ended' | undefined = 'ended'
    if (isWhole) position = this.#searchHeads(field, text) ? 'ended' : undefined
    else if (automaton === 'too large') position = undefined
    else if (automaton !== undefined) position = automaton.start(text, this.#noteHead)
    if (position === undefined || !isAscii(text)) return starts.set(start, 'unknown')
    const at = this.#scanText(field, text, 0, 0, isWhole)
    return starts.set(start, {
      heads: this.#foundHeads.slice(heads),
      hits: this.#hits.slice(hits),
      undecided: this.#undecided.slice(undecided),
      at,
      position: position === 'ended' ? undefined : position,
    })
  }

  #search(field: number, text: string): void {
    this.#searchHeads(field, text)
    this.#scanText(field, text)
  }

  /** @returns whether it knows all heads of the text */
  #searchHeads(field: number, text: string, from?: Position): boolean {
    const automaton = this.#tables.headAutomata[field]
    if (automaton === undefined) return true
    if (automaton !== 'too large' && automaton.run(text, this.#noteHead, from) !== undefined) {
      return true
    }
    // Not known, or given up: the text may begin in any way.
    for (const [head, { field: of }] of this.#tables.heads.entries()) {
      if (of === field) this.#foundHead(head, true)
    }
    return false
  }

  /**
   * @param begin the state of the automaton: the offset of its row; `~state` if it has none
   * @param before what the value has before this text, in UTF-16 units
   * @param isEnd whether the value ends with this text
   * @returns the last state
   */
  #scanText(field: number, text: string, begin = 0, before = 0, isEnd = true): number {
    const automaton = this.#automaton
    const { classes, dense, denseStates, classCount } = automaton
    const length = text.length
    const end = isEnd ? before + length : Number.POSITIVE_INFINITY
    let at = begin
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      // The earlier literals are found again.
      if (code > 127) return this.#scanFolded(field, fold(text), begin, before)
      at = at >= 0 ? dense[at + classes[code]] : ~automaton.next(~at, classes[code])
      if (at < 0) {
        const state = ~at
        if (automaton.hasOutput(state)) this.#use(field, state, before + i + 1, end)
        if (state < denseStates) at = state * classCount
      }
    }
    return at
  }

  /** The same for the end of a value with other characters than ASCII. */
  #scanFolded(field: number, text: string, begin: number, before: number): number {
    const automaton = this.#automaton
    const { classes, otherClasses, classCount } = automaton
    const end = before + text.length
    let state = begin < 0 ? ~begin : begin / classCount
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      state = automaton.next(state, code < 128 ? classes[code] : (otherClasses.get(code) ?? 0))
      if (automaton.hasOutput(state)) this.#use(field, state, before + i + 1, end)
    }
    return ~state
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
