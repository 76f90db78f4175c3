import type { EnforcementCounter } from '@tetragon-ts/api'
import type { Int, IntLike } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Action, ActionName, Hook } from '@tetragon-ts/policy'
import type { ArgumentValue, Text } from '../arguments/argument-type.ts'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import type { MeansName } from '../hook-plans/hook-plan.ts'
import type { Means } from '../means/means.ts'
import type { UserRequest } from './requests.ts'

/** The hit as actions see it, besides its context. */
export interface ActionScope {
  readonly hit: Hit
  readonly context: HookContext
  readonly hook: Hook
  /** An argument by its position in the hook's `args`. */
  argument(position: number): { readonly value: ArgumentValue; readonly text: Text | undefined }
  /** 1 if it is unknown whether the policy applies to the workload; undefined if it is known. */
  readonly uncertain?: Int | undefined
  /** Set to 0 to suppress the event. */
  readonly post: { set(value: 0): void }
  /** Called by actions with `idles`: they had no effect if the error is negative. */
  readonly setIdle: (error: IntLike) => void
}

/** An action: its code in the hook's program, and its requests to user space. */
export interface ActionModule<N extends ActionName = ActionName> {
  /** Undefined if it does nothing in the kernel. */
  readonly kernel?: ActionCode<N>
  /** Request to user space when the event is posted. */
  request?(action: Action<N>): UserRequest
  /** Set if it enforces: programs of the hook carry it out unless the policy only monitors. */
  readonly enforcement?: EnforcedAction<N>
}

/** Means of an action by name, best first. */
export type MeansInOrder<N extends ActionName> = {
  readonly [M in MeansName]?: Means<N, M>
}

/** How an enforcing action is carried out. */
export interface EnforcedAction<N extends ActionName = ActionName> {
  readonly counter: EnforcementCounter
  /** Best first. */
  readonly means: MeansInOrder<N>
  /** What it does, for events. */
  details(action: Action<N>): EnforcementDetails
}

/** What an enforcing action does. */
export interface EnforcementDetails {
  /** Number of the signal. */
  readonly signal?: number
  /** The negative error number that the caller gets. */
  readonly error?: number
}

/** The code of one or more actions. */
export interface ActionCode<N extends ActionName = ActionName> {
  /** Positions of arguments that it uses. */
  uses(action: Action<N>, hook: Hook): readonly number[]
  /** Whether it can suppress the event. */
  suppresses(action: Action<N>): boolean
  /** Whether it is executed although the selector may not match. */
  readonly isHasty?: boolean
  /** Whether all it does is to store something about the hit for later ones. */
  readonly remembers?: boolean
  /** Whether it needs data that only the entry has. */
  readonly atEntryOnly?: boolean
  /** Whether it can have no effect; events then report Post. */
  readonly idles?: boolean
  /** Whether it needs memory besides the stack. */
  readonly needsScratch: boolean
  /** Maps that it shares with other policies. */
  maps?(action: Action<N>): readonly MapSpec[]
  emit(action: Action<N>, scope: ActionScope): void
}

/** An argument that is a number or a file descriptor. */
export function integerArgument({ argument }: ActionScope, position: number): Int {
  const { integer, descriptor } = argument(position).value
  const value = integer?.value ?? descriptor
  if (value === undefined) throw new RangeError('an argument that is not a number')
  return value
}
