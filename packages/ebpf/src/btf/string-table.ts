import { BtfError } from './error.ts'
import { nameBytes } from './text.ts'

const encoder = new TextEncoder()

/** A string section under construction: NUL-terminated strings, each once, the empty one first. */
export class StringTable {
  readonly #start: number
  readonly #offsets = new Map<string, number>([['', 0]])
  readonly #parts: string[]
  #size: number
  #written = false

  /** `start`: bytes of the strings of the base, which hold the empty string then. */
  constructor(start: number) {
    this.#start = start
    this.#parts = start === 0 ? ['\0'] : []
    this.#size = this.#parts.length
  }

  get size(): number {
    return this.#size
  }

  add(text: string): number {
    const known = this.#offsets.get(text)
    if (known !== undefined) return known
    if (text.includes('\0')) {
      throw new BtfError(
        'EBPF_BTF_BAD_ARGUMENT',
        `write BTF string: NUL in ${JSON.stringify(text)}`,
      )
    }
    if (this.#written) {
      throw new BtfError(
        'EBPF_BTF_BAD_ARGUMENT',
        `write BTF string ${text}: the blob is made already`,
      )
    }
    const offset = this.#start + this.#size
    this.#offsets.set(text, offset)
    this.#parts.push(`${text}\0`)
    this.#size += nameBytes(text).length + 1
    return offset
  }

  /** The section; strings that are new after this would be missing in it, so they are refused. */
  bytes(): Uint8Array {
    this.#written = true
    return encoder.encode(this.#parts.join(''))
  }
}
