/** A range of addresses of a process, a line of /proc/PID/maps. */
export interface Mapping {
  readonly start: number
  readonly end: number
  /** Offset in the file of the start. */
  readonly offset: number
  /** Major and minor number in hexadecimal, as in `fe:01`. */
  readonly device: string
  /** 0 if it maps no file. */
  readonly inode: string
  /** As the kernel prints it: that of a deleted file ends with ` (deleted)`. */
  readonly path: string
}

const form = /^([\da-f]+)-([\da-f]+) \S+ ([\da-f]+) (\S+) (\d+) *(.*)$/s

/** All mappings of a process at one time, sorted by address. */
export class Mappings {
  /** Bytes of the text that they were read from: what they cost. */
  readonly size: number
  readonly #all: readonly Mapping[]

  /** @param text content of /proc/PID/maps; a partial last line is skipped */
  constructor(text: string) {
    this.size = text.length
    const all: Mapping[] = []
    // The kernel escapes only '\n': paths may contain other characters that end a line for regular
    // expressions with the flag `m`.
    for (const line of text.split('\n').slice(0, -1)) {
      const fields = form.exec(line)
      if (fields === null) continue
      const [, start, end, offset, device, inode, path] = fields
      const [from, to, at] = [start, end, offset].map((hex) => Number.parseInt(hex, 16))
      all.push({ start: from, end: to, offset: at, device, inode, path })
    }
    this.#all = all
  }

  /** The mapping that contains an address. */
  find(address: number): Mapping | undefined {
    let [low, high] = [0, this.#all.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#all[middle].end <= address) low = middle + 1
      else high = middle
    }
    const found = this.#all[low] as Mapping | undefined
    return found !== undefined && found.start <= address ? found : undefined
  }
}
