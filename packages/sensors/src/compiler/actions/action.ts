import type { Int, IntLike } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Action, ActionName, Hook } from '@tetragon-ts/policy'
import type { ArgumentValue, Text } from '../arguments/argument-type.ts'
import type { Hit } from '../hit.ts'
import type { HookContext } from '../hook-context.ts'
import type { UserRequest } from './requests.ts'

/** What actions have of the hit beside its context. */
export interface ActionScope {
  readonly hit: Hit
  readonly context: HookContext
  readonly hook: Hook
  /** An argument by its position in the hook's `args`. */
  argument(position: number): { readonly value: ArgumentValue; readonly text: Text | undefined }
  /** Set to 0 to post nothing. */
  readonly post: { set(value: 0): void }
  /** Called by actions with `idles`: they found nothing to do if the error is negative. */
  readonly setIdle: (error: IntLike) => void
}

/** An action, whole: what it does in the hook's program, and what it asks of user space. */
export interface ActionModule<N extends ActionName = ActionName> {
  /** Undefined where nothing happens in the kernel. */
  readonly kernel?: ActionCode<N>
  /** What user space does when the event is posted. */
  request?(action: Action<N>): UserRequest
}

/** The code of one or more actions. */
export interface ActionCode<N extends ActionName = ActionName> {
  /** Positions of arguments that it uses. */
  uses(action: Action<N>, hook: Hook): readonly number[]
  /** Whether it may keep the event from being posted. */
  suppresses(action: Action<N>): boolean
  /** Whether it is taken although it is not known yet that the selector matches. */
  readonly isHasty?: boolean
  /** Whether it needs what only the function's entry has. */
  readonly atEntryOnly?: boolean
  /** Whether it may find nothing to do; events then report Post. */
  readonly idles?: boolean
  /** Whether it takes memory beyond the stack. */
  readonly needsScratch: boolean
  /** Maps that it shares with other policies. */
  maps?(action: Action<N>): readonly MapSpec[]
  emit(action: Action<N>, scope: ActionScope): void
}

/** An argument that is a number or the descriptor of a file. */
export function integerArgument({ argument }: ActionScope, position: number): Int {
  const { integer, descriptor } = argument(position).value
  const value = integer?.value ?? descriptor
  if (value === undefined) throw new RangeError('an argument that is not a number')
  return value
}
