import { encodeUtf8 } from '#platform'

/** Finds the value of a name given as bytes, without creating a string. */
export class NameTable<Value> {
  readonly #slots: (readonly Entry<Value>[] | undefined)[]
  readonly #mask: number

  constructor(entries: Iterable<readonly [name: string, value: Value]>) {
    const list = [...entries].map(([name, value]) => ({ bytes: encodeUtf8(name), value }))
    let size = 4
    while (size < list.length * 4) size *= 2
    this.#mask = size - 1
    this.#slots = new Array(size).fill(undefined)
    for (const entry of list) {
      const at = hashOf(entry.bytes, 0, entry.bytes.length) & this.#mask
      this.#slots[at] = [...(this.#slots[at] ?? []), entry]
    }
  }

  /** The value of the name between two offsets. */
  find(text: Uint8Array, from: number, to: number): Value | undefined {
    const entries = this.#slots[hashOf(text, from, to) & this.#mask]
    if (entries === undefined) return undefined
    for (let i = 0; i < entries.length; i++) {
      if (isAt(entries[i].bytes, text, from, to)) return entries[i].value
    }
    return undefined
  }
}

interface Entry<Value> {
  readonly bytes: Uint8Array
  readonly value: Value
}

/** Bytes that distinguish almost all names of a message, besides their lengths. */
function hashOf(text: Uint8Array, from: number, to: number): number {
  const length = to - from
  if (length === 0) return 0
  return length * 31 + text[from] * 7 + text[from + (length >> 1)] * 13 + text[to - 1]
}

function isAt(name: Uint8Array, text: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false
  for (let i = 0; i < name.length; i++) if (name[i] !== text[from + i]) return false
  return true
}
