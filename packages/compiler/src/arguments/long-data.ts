import type { Bytes, Int } from '@tetragon-ts/ebpf/lang'
import { record, tail, u32 } from '@tetragon-ts/ebpf/records'
import { countLoss } from '@tetragon-ts/sensors/kernel/loss'
import { events } from '@tetragon-ts/sensors/kernel/maps'
import { keepsReserve } from '@tetragon-ts/sensors/kernel/ring-share'
import { recordKind } from '@tetragon-ts/sensors/records/kinds'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { readAny } from '../hook/memory.ts'
import { type SegmentWalker, smallest } from './segment-walker.ts'

/**
 * A piece of a value that is too long for its hook's record; sent before the record. Buffers can
 * have hundreds of kilobytes, but most records stay small.
 */
export const HookPiece = record('hook_piece', {
  kind: u32,
  hook: u32,
  tid: u32,
  /** Index of the value in the record. */
  index: u32,
  /** Offset of the piece in the value. */
  offset: u32,
  bytes: tail,
})

/** Maximum size of a piece. */
const pieceMax = 0x7fff

/** Sends memory in pieces; the program sends their record right after. */
export class PieceSender {
  readonly #hit: Hit
  readonly #context: HookContext
  readonly #index: number

  /** @param index of the value in its record */
  constructor(hit: Hit, context: HookContext, index: number) {
    this.#hit = hit
    this.#context = context
    this.#index = index
  }

  /** Sends up to `most` bytes. @returns how many were sent */
  send(source: SegmentWalker, most: Int): Int {
    const hit = this.#hit
    const { k, task } = hit
    const memory = this.#context.scratch(HookPiece.size + 2 * (pieceMax + 1), 'piece')
    const cells = this.#context.scratch(32, 'piece state')
    const taken = cells.cell(0)
    const filled = cells.cell(8)
    const failed = cells.cell(16)
    const limit = k.variable(most)
    this.#writeHeader(memory, task.pid)
    source.each((address, left, leave) => {
      const before = filled.get().and(pieceMax)
      const wanted = limit.sub(taken.get())
      k.when(wanted.eq(0), leave)
      const room = k.constant(pieceMax).sub(before)
      const bounded = smallest(k, cells.cell(24, left), [wanted, room]).and(pieceMax)
      const read = readAny(hit, memory.at(before.add(HookPiece.size)), bounded, address)
      k.when(read.ne(0), leave)
      filled.set(before.add(bounded))
      taken.set(taken.get().add(bounded))
      k.when(filled.get().eq(pieceMax), () => {
        this.#flush(memory, taken.get(), pieceMax, () => failed.set(1))
        filled.set(0)
        k.when(failed.get().ne(0), leave)
      })
      return bounded
    })
    const rest = filled.get().and(pieceMax)
    k.when(
      rest.ne(0).and(() => failed.get().eq(0)),
      () => this.#flush(memory, taken.get(), rest, () => failed.set(1)),
    )
    return k.select(failed.get().eq(0), taken.get(), 0)
  }

  #writeHeader(memory: Bytes, tid: Int): void {
    const store = (name: 'kind' | 'hook' | 'tid' | 'index', value: Int | number): void =>
      memory.store(4, HookPiece.field(name).offset, value)
    store('kind', recordKind.hookPiece)
    store('hook', this.#context.hookId)
    store('tid', tid)
    store('index', this.#index)
  }

  #flush(memory: Bytes, end: Int, length: Int | number, failed: () => void): void {
    const { k } = this.#hit
    memory.store(4, HookPiece.field('offset').offset, end.sub(length))
    memory.store(4, HookPiece.field('bytes').offset, length)
    const size = typeof length === 'number' ? length + HookPiece.size : length.add(HookPiece.size)
    const lost = (): void => {
      countLoss(k, 'data')
      failed()
    }
    k.when(
      keepsReserve(k, this.#context.ring, size),
      () => k.when(k.call('ringbuf_output', events, memory, size, 0).ne(0), lost),
      lost,
    )
  }
}
