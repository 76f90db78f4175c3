/** Functions that overlap: the last one that was written is found if it starts so near. */
const overlapMax = 64
const nameMax = 1024

/**
 * Functions of a compiler at run time, in the format of perf: lines of start, size and name
 * (tools/perf/Documentation/jit-interface.txt). The address of a function that was dropped may be
 * used again: later lines are valid.
 */
export class PerfMap {
  readonly #starts: Float64Array
  readonly #ends: Float64Array
  /** Position of each line. */
  readonly #lines: Uint32Array
  readonly #names: readonly string[]

  /** @param text lines that do not describe functions are skipped */
  constructor(text: string) {
    const starts: number[] = []
    const ends: number[] = []
    const names: string[] = []
    const line = /^(?:0x)?([\da-f]{1,13}) (?:0x)?([\da-f]{1,8}) (.+)$/gim
    for (const [, start, size, name] of text.matchAll(line)) {
      const from = Number.parseInt(start, 16)
      starts.push(from)
      ends.push(from + Number.parseInt(size, 16))
      names.push(name.slice(0, nameMax))
    }
    this.#lines = Uint32Array.from(names.keys()).sort((a, b) => starts[a] - starts[b] || a - b)
    this.#starts = Float64Array.from(this.#lines, (index) => starts[index])
    this.#ends = Float64Array.from(this.#lines, (index) => ends[index])
    this.#names = names
  }

  /** The function that contains an address; of several, the one that was written last. */
  find(address: number): { name: string; offset: number } | undefined {
    let [low, high] = [0, this.#starts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#starts[middle] <= address) low = middle + 1
      else high = middle
    }
    let found = -1
    for (let i = low - 1; i >= 0 && i >= low - overlapMax; i--) {
      const isNewer = found < 0 || this.#lines[i] > this.#lines[found]
      if (this.#ends[i] > address && isNewer) found = i
    }
    if (found < 0) return undefined
    return { name: this.#names[this.#lines[found]], offset: address - this.#starts[found] }
  }
}
