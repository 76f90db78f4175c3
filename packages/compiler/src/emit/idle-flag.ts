import { Int, type IntLike } from '@tetragon-ts/ebpf/lang'
import { hookFlags } from '@tetragon-ts/sensors/records/hook'

/** The flag of an action without effect: the sign of its error, without a branch. */
export function idleFlag(error: IntLike): IntLike {
  return error instanceof Int ? error.shiftRight(63).mul(hookFlags.idle) : hookFlags.idle
}
