import type { Event } from '@tetragon-ts/api'
import type { Hook, Policy } from '../model/index.ts'
import type { RecordedCall } from './recorded-call.ts'
import { isAt, type RecordedEvent, RecordedEvents } from './recorded-events.ts'
import { placesOf } from './recorded-hook.ts'
import { type CompiledHook, compileHook, type Outcome } from './selector-outcome.ts'

// A second implementation of selectors, for events that were recorded earlier: running the programs
// on recorded calls would need the objects that the arguments pointed to. The kernel is the model:
// every case of the kernel suite also tries its policy on the events that it posted.

/** Calls of a hook that one policy recorded, or all starts of programs. */
export interface RecordedCalls {
  /** The policy, or `process_exec`. */
  readonly source: string
  calls: number
  hits: number
  undecided: number
}

/** Hits of a hook by one program with the same actions. */
export interface ProgramHits {
  readonly hook: Hook
  readonly actions: readonly string[]
  /** Of the process; for the start of a program, the started one. */
  readonly binary: string
  /** `namespace/name`; empty outside of pods. */
  readonly pod: string
  count: number
}

/** A condition that events could not decide. */
export interface UndecidedCondition {
  readonly path: string
  /** What the events lack. */
  readonly needs: string
  count: number
}

/** What a policy would have done. */
export interface DryRunReport {
  readonly hooks: readonly { readonly hook: Hook; readonly recorded: readonly RecordedCalls[] }[]
  /** Most hits first. */
  readonly hits: readonly ProgramHits[]
  readonly undecided: readonly UndecidedCondition[]
  /** What the result is only right for. */
  readonly assumptions: readonly string[]
}

/** Tries a policy on recorded events instead of in the kernel. */
export class DryRun {
  readonly #events = new RecordedEvents()
  readonly #hooks: readonly HookRun[]
  readonly #hits = new Map<string, ProgramHits>()
  readonly #undecided = new Map<string, UndecidedCondition>()

  constructor(policy: Policy) {
    this.#hooks = policy.hooks.map((hook) => new HookRun(hook, policy))
  }

  /** Takes the next event of a log. @returns the outcome at each hook that it is a call of */
  see(event: Event): readonly Outcome[] {
    const recorded = this.#events.see(event)
    if (recorded === undefined) return []
    return this.#hooks
      .filter((run) => run.isAt(recorded))
      .map((run) => {
        const call = recorded.callFor(run.hook)
        const { source, count } = recorded
        const outcome = run.count(source, call, count)
        if (outcome.kind === 'hit') this.#countHit(run.hook, call, outcome.actions, count)
        if (outcome.kind === 'undecided') this.#countUndecided(outcome.because, count)
        return outcome
      })
  }

  /** The result so far. */
  get report(): DryRunReport {
    const byCount = <T extends { readonly count: number }>(all: Map<string, T>): T[] =>
      [...all.values()].sort((a, b) => b.count - a.count)
    return {
      hooks: this.#hooks.map(({ hook, recorded }) => ({ hook, recorded })),
      hits: byCount(this.#hits),
      undecided: byCount(this.#undecided),
      assumptions: [...new Set(this.#hooks.flatMap(({ compiled }) => compiled.assumptions))],
    }
  }

  #countHit(
    hook: Hook,
    { process }: RecordedCall,
    actions: readonly string[],
    count: number,
  ): void {
    const { binary = '', pod } = process
    const podName = pod ? `${pod.namespace}/${pod.name}` : ''
    const key = JSON.stringify([hook.path, actions, binary, podName])
    const hits = this.#hits.get(key) ?? { hook, actions, binary, pod: podName, count: 0 }
    hits.count += count
    this.#hits.set(key, hits)
  }

  #countUndecided(
    { path, needs }: { readonly path: string; readonly needs: string },
    count: number,
  ): void {
    const undecided = this.#undecided.get(path) ?? { path, needs, count: 0 }
    undecided.count += count
    this.#undecided.set(path, undecided)
  }
}

/** A hook and its counts. */
class HookRun {
  readonly hook: Hook
  readonly #isPlace: (place: string) => boolean
  readonly compiled: CompiledHook
  readonly #sources = new Map<string, RecordedCalls>()

  constructor(hook: Hook, policy: Policy) {
    this.hook = hook
    this.#isPlace = placesOf(hook, policy)
    this.compiled = compileHook(hook, policy)
  }

  isAt(event: RecordedEvent): boolean {
    return isAt(event, this.#isPlace)
  }

  count(source: string, call: RecordedCall, calls: number): Outcome {
    const counts = this.#sources.get(source) ?? { source, calls: 0, hits: 0, undecided: 0 }
    this.#sources.set(source, counts)
    const outcome = this.compiled.outcome(call)
    counts.calls += calls
    if (outcome.kind === 'hit') counts.hits += calls
    if (outcome.kind === 'undecided') counts.undecided += calls
    return outcome
  }

  get recorded(): readonly RecordedCalls[] {
    return [...this.#sources.values()]
  }
}
