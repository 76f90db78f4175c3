import type { Code } from '@tetragon-ts/ebpf/lang'
import { type LossKind, losses, lossKinds } from './maps.ts'

/** Counts a loss where it happens. */
export function countLoss(k: Code, kind: LossKind): void {
  const count = k.lookup(losses, lossKinds.indexOf(kind))
  k.when(count, () => k.increment(count, 'value'))
}
