import { CharacterClasses, isWord } from './character-classes.ts'
import {
  afterNewline,
  afterWord,
  atEnd,
  atStart,
  beforeNewline,
  beforeWord,
  Closure,
  nextIsKnown,
} from './closure.ts'
import { type Program, takeSet } from './program.ts'
import { type HasStates, type StateLimit, sharedStates } from './state-limit.ts'

/** Maximum number of states that a text may need to be made: some 3 ms. */
const newStatesMax = 1500
/** Memory of a state besides its instructions and its row, in cells of the limit. */
const stateCells = 64
const newline = 0x0a
const firstSurrogate = 0xd800
const nothing: readonly number[] = []

interface State {
  /** Instructions, in order. */
  readonly open: Int32Array
  /** What is known of the position before it, if an instruction needs that. */
  readonly known: number
  readonly accepted: readonly number[]
}

/** Where an automaton is in a text. */
export interface Position {
  readonly row: number
  /** How often states had been forgotten. */
  readonly forgotten: number
}

// Results of reading in place of a row.
const stopped = -1
const ended = -2
const givenUp = -3

/**
 * A deterministic automaton whose states are made when a text needs them. It takes a nanosecond or
 * two for a character, and no more memory than its limit: if there are too many states, all are
 * forgotten. A text that needs new states all the time is given up.
 */
export class LazyAutomaton implements HasStates {
  readonly #program: Program
  readonly #restarts: boolean
  readonly #classes: CharacterClasses
  /** Length of a row: the classes, and the end of the text. */
  readonly #width: number
  readonly #limit: StateLimit
  readonly #statesMax: number
  readonly #closure: Closure
  /** Whether a match may begin after a newline where none can begin elsewhere. */
  readonly #revives: boolean
  #states: State[] = []
  #byHash = new Map<number, number[]>()
  /**
   * By state and class: twice the offset of the next row. Odd: it is not a plain step, since the
   * next state is unknown (1), accepts something, or leads nowhere.
   */
  #table = new Int32Array(0)
  /** States that were made for the current text. */
  #made = 0
  #forgotten = 0

  /**
   * @param restarts whether a match may begin anywhere in a text
   * @param limit of this automaton and others together
   * @param statesMax maximum number of its states
   */
  constructor(
    program: Program,
    restarts: boolean,
    limit: StateLimit = sharedStates,
    statesMax = 2000,
  ) {
    this.#statesMax = statesMax
    this.#program = program
    this.#restarts = restarts
    this.#limit = limit
    this.#classes = new CharacterClasses(program)
    this.#width = this.#classes.count + 1
    this.#closure = new Closure(program)
    this.#closure.follow([program.start], afterNewline)
    const { open, accepted } = this.#closure
    this.#revives = restarts && open.length + accepted.length > 0
  }

  /** Whether something is accepted; undefined: given up. */
  test(text: string): boolean | undefined {
    return this.run(text, () => true)
  }

  /**
   * Reads a text until it cannot be accepted any more.
   * @param found of each number that is accepted, perhaps repeatedly; true: stop
   * @param from where to go on, from {@link start} of what is before this text
   * @returns whether `found` has stopped it; undefined: given up
   */
  run(text: string, found: (id: number) => boolean, from?: Position): boolean | undefined {
    if (from !== undefined && !this.isAt(from)) return undefined
    const row = this.#read(text, found, from?.row)
    if (row < 0) return row === givenUp ? undefined : row === stopped
    const end = this.#width - 1
    let next = this.#table[row + end]
    if (next === 1) next = this.#step(row, end)
    return next === 1 ? undefined : this.#reports((next >> 1) / this.#width, found)
  }

  /**
   * Reads the start of texts.
   * @param found of each number that is accepted whatever follows
   * @returns where to go on; 'ended' if nothing after it matters; undefined: given up
   */
  start(text: string, found: (id: number) => void): Position | 'ended' | undefined {
    const all = (id: number): boolean => {
      found(id)
      return false
    }
    const row = this.#read(text, all)
    if (row < 0) return row === givenUp ? undefined : 'ended'
    return { row, forgotten: this.#forgotten }
  }

  /** Whether it can still go on from a position: its states have not been forgotten. */
  isAt({ forgotten }: Position): boolean {
    return forgotten === this.#forgotten
  }

  /** @returns the row after the text; negative: it was not read to the end */
  #read(text: string, found: (id: number) => boolean, begin = 0): number {
    if (this.#states.length === 0) this.#begin()
    this.#made = 0
    const ascii = this.#classes.ascii
    const length = text.length
    let table = this.#table
    let row = begin
    if (row === 0 && this.#reports(0, found)) return stopped
    for (let i = 0; i < length; i++) {
      let code = text.charCodeAt(i)
      let characterClass: number
      if (code < 128) characterClass = ascii[code]
      else {
        if (code >= firstSurrogate) {
          code = text.codePointAt(i) ?? code
          if (code > 0xffff) i++
        }
        characterClass = this.#classes.of(code)
      }
      let next = table[row + characterClass]
      if ((next & 1) !== 0) {
        if (next === 1) {
          next = this.#step(row, characterClass)
          if (next === 1) return givenUp
          table = this.#table
        }
        const state = (next >> 1) / this.#width
        if (this.#reports(state, found)) return stopped
        if (this.#states[state].open.length === 0 && !this.#revives) return ended
      }
      row = next >> 1
    }
    return row
  }

  #reports(state: number, found: (id: number) => boolean): boolean {
    for (const id of this.#states[state].accepted) if (found(id)) return true
    return false
  }

  /** Makes the next state. @returns the entry of the table; 1: given up */
  #step(row: number, characterClass: number): number {
    const state = this.#states[row / this.#width]
    const isEnd = characterClass === this.#classes.count
    const code = isEnd ? -1 : this.#classes.samples[characterClass]
    const isInWord = isWord(code)
    let open: ArrayLike<number> = state.open
    let accepted = nothing
    if (state.known !== 0) {
      const next = (isInWord ? beforeWord : 0) | (code === newline ? beforeNewline : 0)
      this.#closure.follow(open, state.known | nextIsKnown | next | (isEnd ? atEnd : 0))
      open = this.#closure.open.slice()
      accepted = this.#closure.accepted.slice()
    }
    const targets: number[] = []
    const { kinds, first, second, start } = this.#program
    for (let i = 0; i < open.length && !isEnd; i++) {
      const at = open[i]
      const isTaken = kinds[at] === takeSet && this.#classes.isIn(second[at], characterClass)
      if (isTaken) targets.push(first[at])
    }
    if (this.#restarts && !isEnd) targets.push(start)
    const known = (isInWord ? afterWord : 0) | (code === newline ? afterNewline : 0)
    let from = row
    let target = this.#stateOf(targets, known, accepted)
    if (this.#made > newStatesMax) return 1
    if (target < 0) {
      this.forgetStates()
      this.#begin()
      from = this.#add(state) * this.#width
      target = this.#stateOf(targets, known, accepted)
      if (target < 0) return 1
    }
    const made = this.#states[target]
    const isPlain = made.accepted.length === 0 && made.open.length > 0
    const entry = 2 * target * this.#width + (isPlain ? 0 : 1)
    // The first state is never entered again: no other entry is 1.
    this.#table[from + characterClass] = entry
    return entry
  }

  /** The state with these instructions; -1: there is no room for it. */
  #stateOf(instructions: readonly number[], known: number, before: readonly number[]): number {
    const closure = this.#closure
    closure.follow(instructions, known)
    const open = Int32Array.from(closure.open).sort()
    const accepted = [...new Set([...before, ...closure.accepted])].sort((a, b) => a - b)
    // A bit beyond the others: something is known, even if it is nothing.
    const kept = closure.hasPending ? known | nextIsKnown : 0
    const state: State = { open, known: kept, accepted }
    const hash = hashOf(state)
    const others = this.#byHash.get(hash) ?? []
    for (const each of others) if (areEqual(this.#states[each], state)) return each
    if (this.#states.length >= this.#statesMax) return -1
    const cells = state.open.length + this.#width + stateCells
    if (!this.#limit.add(this, cells)) return -1
    const number = this.#add(state)
    this.#made++
    this.#byHash.set(hash, [...others, number])
    return number
  }

  #add(state: State): number {
    const number = this.#states.length
    this.#states.push(state)
    const size = this.#states.length * this.#width
    if (size > this.#table.length) {
      const larger = new Int32Array(Math.max(2 * this.#table.length, 4 * this.#width)).fill(1)
      larger.set(this.#table)
      this.#table = larger
    }
    return number
  }

  /** Makes the first state. */
  #begin(): void {
    this.#closure.follow([this.#program.start], atStart)
    const { open, accepted, hasPending } = this.#closure
    const known = hasPending ? atStart | nextIsKnown : 0
    this.#add({ open: Int32Array.from(open).sort(), known, accepted: accepted.slice() })
  }

  /** Frees the memory of all states; the next text makes new ones. */
  forgetStates(): void {
    this.#limit.release(this)
    this.#forgotten++
    this.#states = []
    this.#byHash = new Map()
    this.#table = new Int32Array(0)
  }
}

function hashOf({ open, known, accepted }: State): number {
  let hash = known
  for (let i = 0; i < open.length; i++) hash = Math.imul(hash ^ open[i], 0x0100_0193)
  for (const each of accepted) hash = Math.imul(hash ^ each, 0x0100_0193) + 1
  return hash
}

function areEqual(a: State, b: State): boolean {
  if (a.known !== b.known || a.open.length !== b.open.length) return false
  for (let i = 0; i < a.open.length; i++) if (a.open[i] !== b.open[i]) return false
  return (
    a.accepted.length === b.accepted.length && a.accepted.every((id, i) => id === b.accepted[i])
  )
}
