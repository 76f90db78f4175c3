import { Bytes, type Code, LateMap } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Codec } from '@tetragon-ts/ebpf/records'
import { runSteps, type Steps } from '@tetragon-ts/ebpf/steps'
import { countLoss } from '@tetragon-ts/sensors/kernel/loss'

/**
 * Blocks per CPU: the number of programs that can be active there, each but the last interrupted or
 * preempted by the next.
 */
const piecesPerCpu = 4
/** Size of a block of the pool: more than programs with two paths or a list of prefixes need. */
const pieceSize = 24 * 1024
/** Not 0 while a program uses the block. */
const inUse = { offset: 0, size: 8 } as const

/** Memory of all programs that fit into a block. */
export const scratchPool: MapSpec = piecesOf('tg_scratch', () => pieceSize)

/**
 * Memory of a program besides its stack of 512 bytes, since paths and strings need kilobytes. It is
 * as large as its parts require. It is borrowed from the CPU's pool and returned at the end of the
 * program: programs of all policies share it, so each extra policy needs no extra memory. A program
 * that needs very much has its own.
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
   * Borrows a block, at a point that dominates all uses. If all blocks are in use the program ends,
   * and the hit is counted as lost.
   * @param busy emits code for that case, before the program ends
   */
  open(busy = (): void => {}): void {
    runSteps(
      this.openInSteps(function* () {
        busy()
        yield
      }),
    )
  }

  /** The same with long code for that case. */
  *openInSteps(busy: () => Steps<void>): Steps<void> {
    const k = this.#k
    // The size is known after the whole program is written.
    const map = new LateMap(() => (this.#size <= pieceSize ? scratchPool : this.#own))
    const key = k.stackBytes(4)
    const cpu = k.call('get_smp_processor_id')
    const piece = k.variable(0)
    k.loop(piecesPerCpu, (round, leave) => {
      key.store(4, 0, cpu.mul(piecesPerCpu).add(round))
      const found = k.call('map_lookup_elem', map, key)
      k.when(found.eq(0), leave)
      const memory = new Bytes(found.builder, found.register)
      k.when(k.exchange(memory, inUse.offset, 1).eq(0), () => {
        piece.set(found)
        leave()
      })
    })
    yield* k.whenInSteps(
      piece.ne(0),
      () => {},
      function* () {
        countLoss(k, 'scratch_busy')
        yield* busy()
        k.exit()
      },
    )
    const memory = new Bytes(piece.builder, piece.register)
    this.#memory = memory
    this.#giveBack = k.beforeExit(() => memory.store(inUse.size, inUse.offset, 0))
  }

  /** Returns the block before the program ends. */
  close(): void {
    this.#giveBack?.()
    this.#giveBack = undefined
    this.#memory = undefined
  }

  /** The next `size` bytes; the same name returns the same bytes. */
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

/** Blocks for every CPU. @param size of a block in bytes, evaluated when the map is created */
function piecesOf(name: string, size: () => number): MapSpec {
  const value: Codec<undefined> = {
    get size() {
      return size()
    },
    encode() {},
    decode: () => undefined,
  }
  return array(name, { value, maxEntries: 0, entriesPerCpu: piecesPerCpu }) as MapSpec
}
