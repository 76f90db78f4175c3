import type { Bytes, Code } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec, possibleCpus } from '@tetragon-ts/ebpf/maps'
import type { Codec } from '@tetragon-ts/ebpf/records'

/**
 * Memory of one program beyond its stack, a piece for each CPU, as large as its parts add up to.
 * A program has its own: the kernel does not run it twice at once on a CPU, whereas another one may
 * run there while this one is preempted.
 */
export class Scratch {
  readonly #k: Code
  readonly #map: MapSpec
  readonly #shared = new Map<string, number>()
  #memory: Bytes | undefined
  #size = 0

  constructor(k: Code, name: string) {
    this.#k = k
    const total = (): number => this.#size
    const value: Codec<undefined> = {
      get size() {
        return total()
      },
      encode() {},
      decode: () => undefined,
    }
    this.#map = array(name, { value, maxEntries: possibleCpus() })
  }

  /** The map that holds it; its size is known when the program is built. */
  get map(): MapSpec {
    return this.#map
  }

  /** Finds the CPU's memory, at a point that everything which takes some comes by. */
  open(): void {
    this.#memory = this.#k.scratch(this.#map)
  }

  /** The next so many bytes; with a name those that were taken by it before, if there are. */
  take(size: number, shared?: string): Bytes {
    if (!this.#memory) throw new Error('scratch memory was not opened')
    const name = shared === undefined ? undefined : `${shared} ${size}`
    let at = name === undefined ? undefined : this.#shared.get(name)
    if (at === undefined) {
      at = this.#size
      this.#size += Math.ceil(size / 8) * 8
      if (name !== undefined) this.#shared.set(name, at)
    }
    return this.#memory.at(at)
  }
}
