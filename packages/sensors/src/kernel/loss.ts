import type { Code, Int } from '@tetragon-ts/ebpf/lang'
import { reported } from '../records/process.ts'
import { type LossKind, losses, lossKinds, processTable } from './maps.ts'

/** Counts a loss where it happens. */
export function countLoss(k: Code, kind: LossKind): void {
  const count = k.lookup(losses, lossKinds.indexOf(kind))
  k.when(count, () => k.increment(count, 'value'))
}

/**
 * Counts a lost record about a process's image and marks the image in the process table as not
 * reported: reconciliation sends it again.
 */
export function countLostImage(k: Code, kind: LossKind, key: { ktime: Int; pid: Int }): void {
  countLoss(k, kind)
  const entry = k.lookup(processTable, key.pid)
  k.when(entry, () => {
    k.when(entry.key.ktime.eq(key.ktime), () => k.assign(entry, { reported: reported.lost }))
  })
}
