import type { EventSegment } from './event-segment.ts'
import type { Subject } from './filter.ts'
import { fieldNames } from './filter-text.ts'
import type { Word } from './word.ts'

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
