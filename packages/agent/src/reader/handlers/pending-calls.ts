import { waitingLimits } from '@tetragon-ts/sensors'
import type { KeptProcess } from '../../processes/process-cache.ts'
import type { Pieces } from '../json/hook-reader.ts'

// Calls that wait are found by thread, hook and frame: the address of the arguments in the
// trampoline's stack frame, or the stack pointer that a kprobe sees. The distance between the stack
// pointers at entry and return depends on the kernel, and is measured (return-distance.ts). A call
// never returns if its process is killed or another thread executes a program: then it is written
// without a result.

/** A call that has not returned. */
export interface PendingCall {
  readonly pid: number
  readonly tid: number
  readonly hook: number
  /** Time of the entry: distinguishes nested calls of one function. */
  readonly timeHigh: number
  readonly timeLow: number
  readonly bytes: Uint8Array
  /** The image that entered it: another image may have replaced it at the return. */
  readonly entered: KeptProcess | undefined
  /** Long values that arrived before the record. */
  readonly pieces?: Pieces | undefined
  /** Values that were unreadable at the entry and read again at the return. */
  decision?: { readonly bytes: Uint8Array; readonly pieces: Pieces | undefined } | undefined
}

/** Records of entered functions, kept until their return. */
export class PendingCalls {
  /** By thread and hook, in the order of their first call; innermost calls last. */
  readonly #calls = new Map<number, PendingCall[]>()
  readonly #pids = new Map<number, Set<number>>()
  readonly #capacity: number
  readonly #rounds = new WeakMap<PendingCall, number>()
  #round = 0
  #count = 0
  /** Records that were given up: too many were waiting, or their return was lost. */
  givenUp = 0

  /** @param capacity maximum number of waiting calls; beyond it the oldest is given up */
  constructor(capacity = waitingLimits.calls) {
    this.#capacity = capacity
  }

  /** Number of waiting calls. */
  get size(): number {
    return this.#count
  }

  /** Keeps a copy. @returns the call that was evicted */
  add(call: PendingCall): PendingCall | undefined {
    const oldest = this.#count >= this.#capacity ? this.#takeOldest() : undefined
    const key = keyOf(call)
    const calls = this.#calls.get(key)
    const kept = { ...call, bytes: call.bytes.slice() }
    this.#rounds.set(kept, this.#round)
    if (calls) calls.push(kept)
    else this.#calls.set(key, [kept])
    const keys = this.#pids.get(call.pid)
    if (keys) keys.add(key)
    else this.#pids.set(call.pid, new Set([key]))
    this.#count++
    return oldest
  }

  /**
   * Removes the call of that time, and the calls inside it, whose returns were lost.
   * @param lost receives the latter
   */
  take(
    tid: number,
    hook: number,
    timeHigh: number,
    timeLow: number,
    lost: (call: PendingCall) => void,
  ): PendingCall | undefined {
    const key = keyOf({ tid, hook })
    const calls = this.#calls.get(key)
    const index = calls?.findLastIndex(
      (call) => call.timeLow === timeLow && call.timeHigh === timeHigh,
    )
    if (!calls || index === undefined || index < 0) return undefined
    const [found, ...inner] = calls.splice(index)
    this.#removed(key, found.pid, calls, 1 + inner.length)
    this.givenUp += inner.length
    for (const call of inner.reverse()) lost(call)
    return found
  }

  /** The call of that time, which stays in the table. */
  find(tid: number, hook: number, timeHigh: number, timeLow: number): PendingCall | undefined {
    const calls = this.#calls.get(keyOf({ tid, hook }))
    return calls?.findLast((call) => call.timeLow === timeLow && call.timeHigh === timeHigh)
  }

  /** Removes all calls of a process, except those of one thread. */
  takeProcess(pid: number, keptTid?: number): readonly PendingCall[] {
    const taken: PendingCall[] = []
    for (const key of this.#pids.get(pid) ?? []) {
      const calls = this.#calls.get(key) ?? []
      if (calls[0]?.tid === keptTid) continue
      taken.push(...calls)
      this.#removed(key, pid, [], calls.length)
    }
    return taken
  }

  /**
   * Removes the calls of some hooks that have waited since before the previous round, and starts
   * the next round.
   * @param hooks tested by their numbers
   */
  takeOverdue(hooks: (hook: number) => boolean): readonly PendingCall[] {
    const before = this.#round++
    return this.#takeWhere(
      (call) => (this.#rounds.get(call) ?? before) < before && hooks(call.hook),
    )
  }

  /** Removes all calls of some hooks. */
  takeHooks(hooks: (hook: number) => boolean): readonly PendingCall[] {
    return this.#takeWhere(({ hook }) => hooks(hook))
  }

  #takeWhere(isTaken: (call: PendingCall) => boolean): readonly PendingCall[] {
    const taken: PendingCall[] = []
    for (const [key, calls] of this.#calls) {
      const found = calls.filter(isTaken)
      if (found.length === 0) continue
      taken.push(...found)
      const left = calls.filter((call) => !found.includes(call))
      calls.splice(0, calls.length, ...left)
      this.#removed(key, found[0].pid, left, found.length)
    }
    return taken
  }

  /** Removes all calls of a hook. */
  takeHook(hook: number): readonly PendingCall[] {
    const taken: PendingCall[] = []
    for (const [key, calls] of this.#calls) {
      if (calls[0].hook !== hook) continue
      taken.push(...calls)
      this.#removed(key, calls[0].pid, [], calls.length)
    }
    return taken
  }

  #takeOldest(): PendingCall {
    const [key, calls] = this.#calls.entries().next().value as [number, PendingCall[]]
    const oldest = calls.shift() as PendingCall
    this.#removed(key, oldest.pid, calls, 1)
    this.givenUp++
    return oldest
  }

  #removed(key: number, pid: number, left: readonly PendingCall[], count: number): void {
    this.#count -= count
    if (left.length > 0) return
    this.#calls.delete(key)
    const keys = this.#pids.get(pid)
    keys?.delete(key)
    if (keys?.size === 0) this.#pids.delete(pid)
  }
}

/** Exact below 2^53: thread ids have 22 bits. */
function keyOf({ tid, hook }: Pick<PendingCall, 'tid' | 'hook'>): number {
  return hook * 4194304 + tid
}
