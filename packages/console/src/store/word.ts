const encoder = new TextEncoder()
/** Bytes of ASCII in lower case; others as they are. */
const folded = Uint8Array.from({ length: 256 }, (_, byte) => {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
})

/** Text that a filter looks for within others, whatever their case. */
export class Word {
  readonly #text: string
  /** Undefined: bytes do not suffice to compare letters outside of ASCII. */
  readonly #bytes: Uint8Array | undefined
  /** For each byte how far the search may move if it is at the end of the compared range. */
  readonly #shifts: Uint8Array | undefined

  /** @param text not empty */
  constructor(text: string) {
    this.#text = text.toLowerCase()
    const bytes = encoder.encode(this.#text)
    if (bytes.length !== this.#text.length) return
    this.#bytes = bytes
    const length = Math.min(bytes.length, 255)
    this.#shifts = new Uint8Array(256).fill(length)
    for (let i = bytes.length - length; i < bytes.length - 1; i++) {
      this.#shifts[bytes[i]] = bytes.length - 1 - i
    }
    for (let byte = 0x41; byte <= 0x5a; byte++) this.#shifts[byte] = this.#shifts[folded[byte]]
  }

  isIn(text: string): boolean {
    return text.toLowerCase().includes(this.#text)
  }

  /**
   * Whether it is in a range of text in UTF-8, without decoding it (Horspool's algorithm);
   * undefined: the text must be decoded.
   */
  isInBytes(text: Uint8Array, start: number, end: number): boolean | undefined {
    const [word, shifts] = [this.#bytes, this.#shifts]
    if (word === undefined || shifts === undefined) return undefined
    const last = word.length - 1
    for (let at = start + last; at < end; at += shifts[text[at]]) {
      let i = last
      while (i >= 0 && folded[text[at - last + i]] === word[i]) i--
      if (i < 0) return true
    }
    return false
  }
}
