import type { MessageOf } from '../message.ts'
import { message, uint32 } from '../message.ts'

/** Ours: how far the load of a policy is. */
export const LoadingProgress = message('LoadingProgress', {
  /** Steps: each hook is compiled, loaded and attached. */
  done: uint32(1),
  /** 0: not known yet. */
  total: uint32(2),
})
export type LoadingProgress = MessageOf<typeof LoadingProgress>
