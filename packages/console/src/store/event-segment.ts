import { ByteArena } from './byte-arena.ts'
import type { Subject } from './filter.ts'
import { type FieldName, fieldNames } from './filter-text.ts'
import { WireColumn } from './wire-column.ts'
import type { Word } from './word.ts'

/** What is kept of an event, besides its number. */
export interface EventContent {
  /** Milliseconds since 1970. */
  readonly time: number
  /** The compact form. */
  readonly line: string
  readonly fields: Subject['fields']
  readonly searched?: SearchedText
  /** The event in wire form. */
  readonly bytes: Uint8Array
}

/** What words of filters are looked for in, besides the line and fields. */
export interface SearchedText {
  /** About its process: arguments, container, user. */
  readonly process: string
  /** About the hook: message and tags of its policy. */
  readonly hook: string
  /** Of this event alone, such as arguments of the hook that the line omits. */
  readonly own: string
}

/** Numbers of events by the values of two fields. */
export type PairCounts = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Maximum events of a segment: numbers of its texts and processes have 16 bits. */
const eventsMax = 4096
/** Bytes of lines and events after which a segment is full. */
const bytesMax = 1 << 20
/** Bytes that a text takes beside its characters, about. */
const textSize = 40

/** Columns of the fields, and then of the searched texts that other events have, too. */
const columnCount = fieldNames.length + 2
/** Fields whose values are exact, or not what people search for. */
const unsearched: readonly FieldName[] = ['kind', 'pid', 'action', 'level', 'exec']
const searchedColumns = Array.from({ length: columnCount }, (_, column) => column).filter(
  (column) => !unsearched.includes(fieldNames[column]),
)

/**
 * Some thousand events that follow one another, in columns: objects for a million events would take
 * gigabytes and stop the worker for seconds while the collector walks them. Texts and processes
 * that occur in many events are kept once in a segment, and are freed with it.
 */
export class EventSegment {
  /** Number of the first event. */
  readonly first: number
  /** Indices of the events that the filter shows, among the first {@link tested}. */
  shown: number[] = []
  /** Number of events that the filter has tested. */
  tested = 0
  #count = 0
  #times = new Float64Array(eventsMax)
  #earliest = Number.POSITIVE_INFINITY
  #latest = Number.NEGATIVE_INFINITY
  /** For each event the number of a text per column. */
  #fields = new Uint16Array(eventsMax * columnCount)
  /** For each event its line and its own searched text, one after the other, and their ends. */
  readonly #lines = new ByteArena()
  #lineEnds = new Uint32Array(eventsMax)
  #ownEnds = new Uint32Array(eventsMax)
  readonly #wire = new WireColumn(eventsMax)
  readonly #texts: string[] = []
  /** Numbers of the texts, until the segment is full. */
  #numbers: Map<string, number> | undefined = new Map()
  #textsSize = 0
  /** Words of the filter, and whether they are in texts, by their numbers. */
  readonly #answers = new Map<Word, boolean[]>()

  constructor(first: number) {
    this.first = first
  }

  /** Number of events. */
  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#numbers === undefined
  }

  /** Bytes that it takes, about. */
  get size(): number {
    const columns = this.#times.length * (16 + 2 * columnCount)
    return this.#lines.size + this.#wire.size + this.#textsSize + columns
  }

  /** Adds an event, unless the segment is full. @returns its index */
  add({ time, line, fields, searched, bytes }: EventContent): number {
    const index = this.#count++
    this.#times[index] = time
    this.#earliest = Math.min(this.#earliest, time)
    this.#latest = Math.max(this.#latest, time)
    this.#lines.appendText(line)
    this.#lineEnds[index] = this.#lines.end
    if (searched !== undefined && searched.own !== '') this.#lines.appendText(searched.own)
    this.#ownEnds[index] = this.#lines.end
    this.#wire.set(index, bytes)
    const texts = fieldNames.map((name) => fields[name])
    texts.push(searched?.process, searched?.hook)
    for (let column = 0; column < columnCount; column++) {
      this.#fields[index * columnCount + column] = this.#numberOf(texts[column] ?? '')
    }
    const isFull = this.#count === eventsMax || this.#lines.end + this.#wire.end >= bytesMax
    if (isFull || this.#texts.length + columnCount > 0xffff) this.seal()
    return index
  }

  /** Whether an event may be of a moment: searching for it needs no look at others. */
  mayHave(time: number): boolean {
    return time >= this.#earliest && time <= this.#latest
  }

  timeOf(index: number): number {
    return this.#times[index]
  }

  lineOf(index: number): string {
    return this.#lines.text(this.#lineStart(index), this.#lineEnds[index])
  }

  #lineStart(index: number): number {
    return index === 0 ? 0 : this.#ownEnds[index - 1]
  }

  /** Whether a word is in the line of an event, in its fields, or in what else is searched. */
  has(index: number, word: Word): boolean {
    const answers = this.#answersOf(word)
    for (const column of searchedColumns) {
      const number = this.#fields[index * columnCount + column]
      answers[number] ??= word.isIn(this.#texts[number])
      if (answers[number]) return true
    }
    const [lineEnd, ownEnd] = [this.#lineEnds[index], this.#ownEnds[index]]
    if (this.#lines.has(word, this.#lineStart(index), lineEnd)) return true
    return ownEnd > lineEnd && this.#lines.has(word, lineEnd, ownEnd)
  }

  #answersOf(word: Word): (boolean | undefined)[] {
    const known = this.#answers.get(word)
    if (known !== undefined) return known
    const answers: boolean[] = []
    this.#answers.set(word, answers)
    return answers
  }

  /** Gives back what the search for words has kept. */
  forgetWords(): void {
    this.#answers.clear()
  }

  fieldsOf(index: number): Subject['fields'] {
    return Object.fromEntries(fieldNames.map((name, column) => [name, this.fieldAt(index, column)]))
  }

  /** @param column of the field in {@link fieldNames} */
  fieldAt(index: number, column: number): string {
    return this.#texts[this.#fields[index * columnCount + column]]
  }

  /** A copy of the wire form of an event. */
  bytesOf(index: number): Uint8Array {
    return this.#wire.get(index)
  }

  /** Indices of events whose field has a value: fast where no event has it. */
  indicesWith(field: FieldName, value: string): number[] {
    const number = this.#texts.indexOf(value)
    const indices: number[] = []
    if (number < 0) return indices
    const column = fieldNames.indexOf(field)
    for (let index = 0; index < this.#count; index++) {
      if (this.#fields[index * columnCount + column] === number) indices.push(index)
    }
    return indices
  }

  /** Indices of events whose field has a value that a test accepts: it is asked once per value. */
  indicesWhere(field: FieldName, accepts: (value: string) => boolean): number[] {
    const column = fieldNames.indexOf(field)
    const answers: boolean[] = []
    const indices: number[] = []
    for (let index = 0; index < this.#count; index++) {
      const number = this.#fields[index * columnCount + column]
      answers[number] ??= accepts(this.#texts[number])
      if (answers[number]) indices.push(index)
    }
    return indices
  }

  /** Indices of events whose time a test accepts. */
  indices(accepts: (time: number) => boolean): number[] {
    const indices: number[] = []
    for (let index = 0; index < this.#count; index++) {
      if (accepts(this.#times[index])) indices.push(index)
    }
    return indices
  }

  /** Adds to `counts` how many of some events have each value of a field. */
  countBy(field: FieldName, indices: readonly number[], counts: Map<string, number>): void {
    if (indices.length === 0) return
    const column = fieldNames.indexOf(field)
    const perText = new Uint32Array(this.#texts.length)
    for (const index of indices) perText[this.#fields[index * columnCount + column]]++
    for (let number = 0; number < perText.length; number++) {
      const count = perText[number]
      if (count === 0) continue
      const text = this.#texts[number]
      counts.set(text, (counts.get(text) ?? 0) + count)
    }
  }

  /** Adds to `counts` how many events have each pair of values of two fields. */
  countPairs(
    fields: readonly [FieldName, FieldName],
    isCounted: (index: number) => boolean,
    counts: Map<string, Map<string, number>>,
  ): void {
    const [first, second] = fields.map((field) => fieldNames.indexOf(field))
    const perPair = new Map<number, number>()
    for (let index = 0; index < this.#count; index++) {
      if (!isCounted(index)) continue
      const row = index * columnCount
      const pair = this.#fields[row + first] * 0x10000 + this.#fields[row + second]
      perPair.set(pair, (perPair.get(pair) ?? 0) + 1)
    }
    for (const [pair, count] of perPair) {
      const [a, b] = [this.#texts[Math.floor(pair / 0x10000)], this.#texts[pair % 0x10000]]
      const inner = counts.get(a) ?? new Map<string, number>()
      counts.set(a, inner.set(b, (inner.get(b) ?? 0) + count))
    }
  }

  #numberOf(text: string): number {
    const numbers = this.#numbers!
    const known = numbers.get(text)
    if (known !== undefined) return known
    this.#textsSize += textSize + 2 * text.length
    numbers.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }

  /** Gives back what further events would need: it is full from then on. */
  seal(): void {
    if (this.isFull) return
    this.#numbers = undefined
    this.#times = this.#times.slice(0, this.#count)
    this.#fields = this.#fields.slice(0, this.#count * columnCount)
    this.#lineEnds = this.#lineEnds.slice(0, this.#count)
    this.#ownEnds = this.#ownEnds.slice(0, this.#count)
    this.#lines.trim()
    this.#wire.seal(this.#count)
  }
}

/** What a filter sees of a kept event: a text is made when a term asks for it. */
export class StoredSubject implements Subject {
  readonly fields: Subject['fields']
  readonly #segment: EventSegment
  readonly #index: number

  constructor(segment: EventSegment, index: number) {
    // The getters are defined below.
    this.fields = new StoredFields(segment, index) as Subject['fields']
    this.#segment = segment
    this.#index = index
  }

  has(word: Word): boolean {
    return this.#segment.has(this.#index, word)
  }

  get bytes(): Uint8Array {
    return this.#segment.bytesOf(this.#index)
  }
}

/** Has a getter for each field. */
class StoredFields {
  readonly segment: EventSegment
  readonly index: number

  constructor(segment: EventSegment, index: number) {
    this.segment = segment
    this.index = index
  }
}

for (const [column, name] of fieldNames.entries()) {
  Object.defineProperty(StoredFields.prototype, name, {
    get(this: StoredFields) {
      return this.segment.fieldAt(this.index, column)
    },
  })
}
