import type { Code, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { array, lruHashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { arrayOf, record, u32, u64 } from '@tetragon-ts/ebpf/records'
import type { Action, Policy } from '@tetragon-ts/policy'
import type { TaskStruct } from '@tetragon-ts/sensors/kernel/types'
import type { Hit } from './hit.ts'

/**
 * Maximum number of threads with a notification, of one policy. Threads that never make the call
 * must not use up the room: the oldest entries are dropped.
 */
const pendingMax = 4096

/** What a thread's next call of an enforcer gets. */
const Pending = record('pending', {
  /** Start time of the thread, whose id may be used again. */
  started: u64,
  effect: u32,
  padding: u32,
})
/** Key: thread and process, as bpf_get_current_pid_tgid gives them. */
const pendingMap = () =>
  lruHashMap('tg_pending', { key: u64, value: Pending, maxEntries: pendingMax })

/** Why a notification had no effect: another one took its place, or it was cancelled. */
export const missedReasons = ['overwritten', 'noaction'] as const
export type MissedReason = (typeof missedReasons)[number]

const Counter = record('counter', { value: u64 })
/** Counters of each reason, for each hook of the policy. */
const missedMap = (hooks: number) =>
  array('tg_missed', { value: arrayOf(u64, hooks * missedReasons.length) })

/** What NotifyEnforcer wants: a result for the call, a signal, or both. */
export interface Effect {
  /** 0: none. */
  readonly error: number
  /** 0: none. */
  readonly signal: number
  /** Path of the first such action. */
  readonly path: string
}

type Notify = Action<'NotifyEnforcer'>

function notifyActions({ hooks }: Policy): readonly Notify[] {
  return hooks
    .flatMap(({ selectors }) => selectors)
    .flatMap(({ actions, returnActions }) => [...actions, ...returnActions])
    .filter((action): action is Notify => action.action === 'NotifyEnforcer')
}

/**
 * Notifications of a policy: its hooks leave what should be done, and programs at the calls of
 * `spec.enforcers` do it in the same thread.
 */
export class Notifications {
  /** Different effects of the policy's actions. */
  readonly effects: readonly Effect[]
  readonly #pending = pendingMap()
  /** Counts notifications without effect. */
  readonly missed: ReturnType<typeof missedMap>

  private constructor(effects: readonly Effect[], hooks: number) {
    this.effects = effects
    this.missed = missedMap(hooks)
  }

  /** Undefined if a policy has no action NotifyEnforcer. */
  static of(policy: Policy): Notifications | undefined {
    const effects: Effect[] = []
    for (const { error, signal, path } of notifyActions(policy)) {
      if (!effects.some((each) => isSame(each, { error, signal }))) {
        effects.push({ error, signal, path })
      }
    }
    return effects.length === 0 ? undefined : new Notifications(effects, policy.hooks.length)
  }

  /**
   * Leaves the effect of an action for the thread.
   * @param hook index of the hook in the policy
   * @returns negative if the kernel refused it
   */
  leave({ k, task }: Hit, { error, signal }: Notify, hook: number): Int {
    const key = k.call('get_current_pid_tgid')
    const effect = this.effects.findIndex((each) => isSame(each, { error, signal }))
    const earlier = k.lookup(this.#pending, key)
    k.when(earlier, () => {
      k.when(earlier.started.eq(startOf(task)), () => this.#countMissed(k, hook, 'overwritten'))
    })
    return k.update(this.#pending, key, { started: startOf(task), effect, padding: 0 })
  }

  /** Removes what was left for the thread. @param hook index of the hook in the policy */
  cancel({ k, task }: Hit, hook: number): void {
    const key = k.call('get_current_pid_tgid')
    const left = k.lookup(this.#pending, key)
    k.when(left, () => {
      k.when(left.started.eq(startOf(task)), () => this.#countMissed(k, hook, 'noaction'))
      k.remove(this.#pending, key)
    })
  }

  /** Takes what was left for the thread, and emits `act` for each possible effect. */
  take({ k, task }: Hit, act: (effect: number) => void): void {
    const key = k.call('get_current_pid_tgid')
    const left = k.lookup(this.#pending, key)
    k.unless(left, k.exit)
    const started = k.variable(left.started)
    const taken = k.variable(left.effect)
    k.remove(this.#pending, key)
    k.when(started.ne(startOf(task)), k.exit)
    this.effects.forEach((_, i) => {
      k.when(taken.eq(i), () => act(i))
    })
  }

  #countMissed(k: Code, hook: number, reason: MissedReason): void {
    const at = hook * missedReasons.length + missedReasons.indexOf(reason)
    k.increment(k.view(k.global(this.missed as MapSpec).at(at * Counter.size), Counter), 'value')
  }
}

function startOf(task: Ptr<TaskStruct>): Int {
  return task.start_boottime
}

function isSame(a: Pick<Effect, 'error' | 'signal'>, b: Pick<Effect, 'error' | 'signal'>): boolean {
  return a.error === b.error && a.signal === b.signal
}
