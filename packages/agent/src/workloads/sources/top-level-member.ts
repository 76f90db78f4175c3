const [quote, backslash, colon, comma] = [0x22, 0x5c, 0x3a, 0x2c]
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]

/**
 * Finds a member of the outermost object in JSON that is read in pieces. Memory is bounded
 * regardless of the size of the document: arguments and environments can have megabytes.
 */
export class TopLevelMember {
  readonly #name: Buffer
  readonly #limit: number
  #depth = 0
  #inString = false
  #isEscaped = false
  /** Number of characters of the last string at depth 1 that match the name; -1: it differs. */
  #matching = -1
  #isTaken = false
  readonly #pieces: Buffer[] = []
  #length = 0
  /** Whether the result is final. */
  isDone = false
  /** Whether the member was longer than the limit. */
  isTooLong = false

  /** @param limit maximum length of the value, in bytes */
  constructor(name: string, limit: number) {
    this.#name = Buffer.from(name)
    this.#limit = limit
  }

  /** The text of the member's value; undefined if it is missing, incomplete or too long. */
  get text(): string | undefined {
    if (!this.isDone || !this.#isTaken || this.isTooLong) return undefined
    return Buffer.concat(this.#pieces).toString('utf8')
  }

  add(bytes: Buffer): void {
    let from = 0
    for (let at = 0; at < bytes.length && !this.isDone; at++) {
      const byte = bytes[at]
      if (this.#inString) this.#string(byte)
      else if (byte === quote) {
        this.#inString = true
        this.#matching = 0
      } else if (byte === openBrace || byte === openBracket) this.#depth++
      else if (byte === closeBrace || byte === closeBracket) this.#depth--
      else if (byte === colon && this.#isWanted) {
        this.#isTaken = true
        from = at + 1
      }
      if (this.#inString) continue
      const isOver = this.#depth < 1 || (byte === comma && this.#depth === 1)
      if (this.#isTaken && isOver) this.#keep(bytes.subarray(from, at))
      this.isDone = this.isTooLong || (isOver && (this.#isTaken || byte === closeBrace))
    }
    if (this.#isTaken && !this.isDone) this.#keep(bytes.subarray(from))
  }

  get #isWanted(): boolean {
    return !this.#isTaken && this.#depth === 1 && this.#matching === this.#name.length
  }

  #string(byte: number): void {
    if (this.#isEscaped) {
      this.#isEscaped = false
      this.#matching = -1
    } else if (byte === backslash) this.#isEscaped = true
    else if (byte === quote) this.#inString = false
    else if (this.#matching >= 0) {
      this.#matching = byte === this.#name[this.#matching] ? this.#matching + 1 : -1
    }
  }

  #keep(piece: Buffer): void {
    this.#length += piece.length
    if (this.#length > this.#limit) this.isTooLong = true
    else this.#pieces.push(Buffer.from(piece))
  }
}
