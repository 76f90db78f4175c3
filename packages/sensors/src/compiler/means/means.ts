import type { Int } from '@tetragon-ts/ebpf/lang'
import type { Action, ActionName } from '@tetragon-ts/policy'
import type { Backend, HookPlan, KernelView } from '../backends/backend.ts'
import type { Refusal } from '../backends/refusal.ts'
import type { Hit } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'

/** Names of means, in errors, in the status of policies and in events. */
export type MeansName =
  | 'signal'
  | 'lsm'
  | 'fmod_ret'
  | 'override_return'
  | 'cgroup'
  | 'fanotify'
  | 'registers'
  | 'enforcer'
  | 'user_write'

/**
 * A means of the kernel to stop an operation. Which one carries out an action at a hook is decided
 * when the policy is compiled, from what the kernel answers to probes.
 */
export interface Means<N extends ActionName = ActionName> {
  readonly name: MeansName
  /** Whether it decides before the operation has an effect; else the process is stopped after. */
  readonly timing: 'before' | 'after'
  /**
   * The back end whose programs can decide. Without one, it acts in the programs of any back end
   * that it does not refuse.
   */
  readonly backend?: Backend
  /** Whether the kernel asks no other policy after a refusal. */
  readonly isFinal?: boolean
  /** Why programs of a plan cannot carry out an action with it; undefined if they can. */
  refuses(action: Action<N>, plan: HookPlan, kernel: Pick<KernelView, 'btf'>): Refusal | undefined
  /**
   * Emits the code that carries out an action.
   * @returns negative if the kernel refused; undefined if it cannot refuse
   */
  emit(action: Action<N>, hit: Hit, context: HookContext): Int | undefined
}
