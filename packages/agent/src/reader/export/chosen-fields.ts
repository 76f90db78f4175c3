import type { FieldChoice } from '@tetragon-ts/policy/filters'
import type { ByteWriter } from '../../bytes/byte-writer.ts'

const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const none = -1

/** A selection of fields, prepared for lookup by bytes. */
export interface PreparedChoice {
  readonly choice: FieldChoice
  readonly names: readonly Uint8Array[]
  /** By name. */
  readonly chosen: readonly (boolean | PreparedChoice)[]
}

/** Prepares a selection for {@link ChosenFields}. */
export function prepareChoice(choice: FieldChoice): PreparedChoice {
  return {
    choice,
    names: [...choice.named.keys()].map((name) => Buffer.from(name)),
    chosen: [...choice.named.values()].map((each) =>
      typeof each === 'boolean' ? each : prepareChoice(each),
    ),
  }
}

/**
 * Copies JSON without the fields that were not selected, in one pass and without parsing. The input
 * must be written by the agent: well-formed, without blanks between values.
 */
export class ChosenFields {
  readonly #to: ByteWriter
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  /** Start of the range that is copied next, if the last member is kept. */
  #from = none

  /** @param to destination of the copies */
  constructor(to: ByteWriter) {
    this.#to = to
  }

  /** Copies bytes; of the object that begins at `object`, only the selected fields. */
  copy(bytes: Buffer, from: number, object: number, end: number, choice: PreparedChoice): void {
    this.#bytes = bytes
    this.#from = from
    this.#at = object
    this.#value(choice)
    this.#flush(end)
  }

  #flush(end: number): void {
    if (this.#from !== none) this.#to.copy(this.#bytes, this.#from, end)
    this.#from = none
  }

  #value(choice: PreparedChoice): void {
    const byte = this.#bytes[this.#at]
    if (byte === openBrace) this.#object(choice)
    else if (byte === openBracket) this.#list(choice)
    else this.#skip()
  }

  #list(choice: PreparedChoice): void {
    const bytes = this.#bytes
    if (bytes[++this.#at] === closeBracket) {
      this.#at++
      return
    }
    do this.#value(choice)
    while (bytes[this.#at++] === comma)
  }

  #object(choice: PreparedChoice): void {
    const bytes = this.#bytes
    if (bytes[++this.#at] === closeBrace) {
      this.#at++
      return
    }
    let isEmpty = true
    do {
      const member = this.#at
      const chosen = this.#chosen(choice)
      this.#at++ // the colon
      if (chosen === false) {
        // Up to the brace, or to the end of the previous member.
        this.#flush(bytes[member - 1] === comma ? member - 1 : member)
        this.#skip()
      } else {
        if (this.#from === none) this.#from = isEmpty ? member : member - 1
        isEmpty = false
        if (chosen === true) this.#skip()
        else this.#value(chosen)
      }
    } while (bytes[this.#at++] === comma)
    if (this.#from === none) this.#from = this.#at - 1
  }

  /** Reads the name of a member. */
  #chosen({ choice, names, chosen }: PreparedChoice): boolean | PreparedChoice {
    const start = this.#at + 1
    const isPlain = this.#skipString()
    const end = this.#at - 1
    for (let i = 0; i < names.length; i++) {
      if (isPlain && this.#isAt(start, end, names[i])) return chosen[i]
    }
    if (isPlain) return choice.others
    const name = JSON.parse(this.#bytes.toString('utf8', start - 1, end + 1))
    const i = [...choice.named.keys()].indexOf(name)
    return i < 0 ? choice.others : chosen[i]
  }

  #isAt(start: number, end: number, name: Uint8Array): boolean {
    if (end - start !== name.length) return false
    for (let i = 0; i < name.length; i++) if (this.#bytes[start + i] !== name[i]) return false
    return true
  }

  /** Skips a value. */
  #skip(): void {
    const bytes = this.#bytes
    let depth = 0
    for (;;) {
      const byte = bytes[this.#at]
      if (byte === quote) {
        this.#skipString()
        if (depth === 0) return
        continue
      }
      if (byte === openBrace || byte === openBracket) depth++
      else if (byte === closeBrace || byte === closeBracket) {
        // The bracket after a trailing number belongs to the enclosing object or list.
        if (depth === 0) return
        if (--depth === 0) {
          this.#at++
          return
        }
      } else if (byte === comma && depth === 0) return
      this.#at++
    }
  }

  /** Skips a string. @returns whether it has no escapes */
  #skipString(): boolean {
    const bytes = this.#bytes
    let at = this.#at + 1
    let isPlain = true
    for (let byte = bytes[at]; byte !== quote; byte = bytes[at]) {
      if (byte === backslash) {
        isPlain = false
        at++
      }
      at++
    }
    this.#at = at + 1
    return isPlain
  }
}
