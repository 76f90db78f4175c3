import type { Int } from '@tetragon-ts/ebpf/lang'
import type { Action, ActionName } from '@tetragon-ts/policy'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { Refusal } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import type { HookPlan, MeansName } from '../hook-plans/hook-plan.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'

/** What can be relied on when an enforcing action matches. */
export type Guarantee =
  /** The operation does not take place. */
  | 'refuses'
  /** The process gets a signal; the operation may have had its effect. */
  | 'signals'
  /** Another hook of the policy acts. */
  | 'notifies'
  /** Memory or registers of the process are changed. */
  | 'writes'

/**
 * A means of the kernel to stop an operation. Which one carries out an action at a hook is decided
 * when the policy is compiled, from what the kernel answers to probes.
 */
export interface Means<N extends ActionName = ActionName, M extends MeansName = MeansName> {
  readonly name: M
  readonly guarantee: Guarantee
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
   * Emits the code that carries out an action: by the program's result (`hit.verdict`), by a
   * helper, by other registers (`hit.redirect`) or by the enforcer (`context.notifications`). The
   * event reports the action as executed unless a negative number is returned.
   * @returns negative if the kernel refused; undefined if it cannot refuse
   */
  emit(action: Action<N>, hit: Hit, context: HookContext): Int | undefined
}
