import { Bytes, type Code, LateMap } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec, possibleCpus } from '@tetragon-ts/ebpf/maps'
import type { Codec } from '@tetragon-ts/ebpf/records'
import { countLoss } from '../../kernel/loss.ts'

/**
 * Blocks of each CPU: the number of programs that can be active there, each but the last
 * interrupted by the next, or preempted in favour of it.
 */
const piecesPerCpu = 4
/** Bytes of a piece of the pool: more than programs with two paths or a list of prefixes take. */
const pieceSize = 24 * 1024
/** Not 0 while a program has the piece. */
const inUse = { offset: 0, size: 8 } as const

/** The memory of all programs that need no more than a piece of it. */
export const scratchPool: MapSpec = piecesOf('tg_scratch', () => pieceSize)

/**
 * Memory of a program beyond its stack, as large as its parts add up to. It is borrowed from what
 * the CPU has, and given back where the program ends: programs share it, also those of other
 * policies, so a policy more takes none more. One that needs very much has its own.
 */
export class Scratch {
  readonly #k: Code
  readonly #own: MapSpec
  readonly #shared = new Map<string, number>()
  #memory: Bytes | undefined
  #giveBack: (() => void) | undefined
  #size: number = inUse.size

  constructor(k: Code, name: string) {
    this.#k = k
    this.#own = piecesOf(name, () => this.#size)
  }

  /**
   * Borrows a piece, at a point that everything which takes some of it comes by. Where all are in
   * use the program ends, and the hit is counted as lost.
   */
  open(): void {
    const k = this.#k
    // How much the program takes is known when all of it is written.
    const map = new LateMap(() => (this.#size <= pieceSize ? scratchPool : this.#own))
    const key = k.stackBytes(4)
    const cpu = k.call('get_smp_processor_id')
    const piece = k.variable(0)
    k.loop(piecesPerCpu, (round, leave) => {
      key.store(4, 0, round.mul(possibleCpus()).add(cpu))
      const found = k.call('map_lookup_elem', map, key)
      k.when(found.eq(0), leave)
      const memory = new Bytes(found.builder, found.register)
      k.when(k.exchange(memory, inUse.offset, 1).eq(0), () => {
        piece.set(found)
        leave()
      })
    })
    k.when(piece.eq(0), () => {
      countLoss(k, 'scratch_busy')
      k.exit()
    })
    const memory = new Bytes(piece.builder, piece.register)
    this.#memory = memory
    this.#giveBack = k.beforeExit(() => memory.store(inUse.size, inUse.offset, 0))
  }

  /** Gives the piece back before the program ends. */
  close(): void {
    this.#giveBack?.()
    this.#giveBack = undefined
    this.#memory = undefined
  }

  /** The next `size` bytes; with a name, the same bytes for the same name. */
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

/** Pieces for every CPU. @param size bytes of one, asked for when the map is made */
function piecesOf(name: string, size: () => number): MapSpec {
  const value: Codec<undefined> = {
    get size() {
      return size()
    },
    encode() {},
    decode: () => undefined,
  }
  return array(name, { value, maxEntries: possibleCpus() * piecesPerCpu }) as MapSpec
}
