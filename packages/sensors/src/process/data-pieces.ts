import type { Bytes, Code, Int } from '@tetragon-ts/ebpf/lang'
import { countLoss } from '../kernel/loss.ts'
import { events } from '../kernel/maps.ts'
import { keepsReserve } from '../kernel/ring-share.ts'
import { recordKind } from '../records/kinds.ts'
import { DataRecord } from '../records/process.ts'

/** Size of a piece. */
const pieceMax = 0x7fff
/**
 * Maximum number of pieces: 8 MiB, more than execve accepts (three quarters of _STK_LIM,
 * fs/exec.c).
 */
const maxPieces = 256

/**
 * Sends a range of the current process's memory as data records.
 * @param memory scratch memory of at least 64 KiB
 * @param ringSize bytes
 * @returns number of bytes sent
 */
export function sendInPieces(
  k: Code,
  memory: Bytes,
  key: { ktime: Int; pid: Int },
  stream: number,
  start: Int,
  length: Int,
  ringSize: number,
): Int {
  // After the largest piece and its header.
  const sent = memory.at(pieceMax + 1 + 64).cell(0)
  const header = {
    kind: [DataRecord.field('kind').offset, 4, recordKind.data],
    stream: [DataRecord.field('stream').offset, 4, stream],
  } as const
  for (let at = 0; at < DataRecord.size; at += 4) memory.store(4, at, 0)
  for (const [offset, size, value] of Object.values(header)) memory.store(size, offset, value)
  memory.store(8, DataRecord.field('key').offset, key.ktime)
  memory.store(4, DataRecord.field('key').offset + 8, key.pid)

  k.loop(maxPieces, (_, leave) => {
    const before = sent.get()
    const left = length.sub(before)
    k.when(left.eq(0), leave)
    const size = k.variable(left)
    k.when(size.gt(pieceMax), () => size.set(pieceMax))
    const bounded = size.and(pieceMax)
    memory.store(4, DataRecord.field('bytes').offset, bounded)
    const result = k.readUser(memory.at(DataRecord.size), bounded, start.add(before))
    k.when(result.ne(0), leave)
    const total = size.and(pieceMax).add(DataRecord.size)
    const lost = (): void => {
      countLoss(k, 'data')
      leave()
    }
    k.unless(keepsReserve(k, { size: ringSize, share: 'data' }, total), lost)
    k.when(k.call('ringbuf_output', events, memory, total, 0).ne(0), lost)
    sent.set(before.add(size))
  })
  return sent.get()
}
