import type { Code, Int, IntLike } from '@tetragon-ts/ebpf/lang'
import { hashMap, type MapContent } from '@tetragon-ts/ebpf/maps'
import { type RecordValue, record, u32, u64 } from '@tetragon-ts/ebpf/records'
import { waitingLimits } from '@tetragon-ts/sensors/records/waiting-limits'
import { asInt, type Hit, plainTask, type Raw } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'

/** The frame distinguishes a call from calls inside and around it. */
const CallKey = record('call_key', { tid: u32, hook: u32, frame: u64 })

/** Maximum number of parameters that are saved until the return. */
export const savedMax = 6
const parameterNames = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'] as const

const Call = record('call', {
  /** Identifies the record that waits for the return. */
  time: u64,
  /** Boot time in nanoseconds of the thread's start, in case the tid is reused. */
  start: u64,
  selector: u32,
  functionIndex: u32,
  p0: u64,
  p1: u64,
  p2: u64,
  p3: u64,
  p4: u64,
  p5: u64,
})
/** The table of calls with the given capacity. */
export const callsMapOf = (maxEntries: number) =>
  hashMap('tg_calls', { key: CallKey, value: Call, maxEntries, preallocate: false })

/** Calls whose entry matched and whose return is awaited. */
export const callsMap = callsMapOf(waitingLimits.calls)

/** The table in the kernel. */
export type Calls = MapContent<RecordValue<typeof CallKey.shape>, RecordValue<typeof Call.shape>>

export interface WaitingCall {
  /** Time of the entry. */
  readonly time: Int
  readonly selector: Int
  readonly functionIndex: Int
  /** The saved parameters, in the given order. */
  readonly parameters: readonly Int[]
}

/**
 * Saves a call until its return.
 * @param parameters needed then, at most {@link savedMax}
 * @returns 0, or a negative error number: then the loss was counted
 */
export function rememberCall(
  hit: Hit,
  context: HookContext,
  selector: Int,
  time: Int,
  parameters: readonly (Raw | undefined)[],
): Int {
  const { k, task } = hit
  const saved = Object.fromEntries(
    parameters
      .slice(0, savedMax)
      .flatMap((raw, i) => (raw ? [[parameterNames[i], asInt(k, raw)]] : [])),
  )
  const key = { tid: task.pid, hook: context.hookId, frame: frameOf(hit) }
  const start = plainTask(k, task).start_boottime
  const call = { time, start, selector, functionIndex: hit.functionIndex, ...saved }
  const result = k.update(callsMap, key, call)
  k.when(result.ne(0), () => context.countLoss('calls_full'))
  return result
}

/** Removes a call that was not reported. */
export function forgetCall(hit: Hit, hookId: number): void {
  hit.k.remove(callsMap, { tid: hit.task.pid, hook: hookId, frame: frameOf(hit) })
}

/** If frames are unknown, only calls of different functions can be distinguished. */
function frameOf({ frame, functionIndex }: Hit): IntLike {
  return frame ?? functionIndex
}

/** Removes and returns the call that returns now; ends the program if there is none. */
export function takeCall(k: Code, hit: Hit, hookId: number): WaitingCall {
  const key = { tid: hit.task.pid, hook: hookId, frame: frameOf(hit) }
  const call = k.lookup(callsMap, key)
  k.unless(call, k.exit)
  k.when(call.start.ne(plainTask(k, hit.task).start_boottime), k.exit)
  const waiting = {
    time: call.time,
    selector: call.selector,
    functionIndex: call.functionIndex,
    parameters: parameterNames.map((name) => call[name]),
  }
  k.remove(callsMap, key)
  return waiting
}

/** A call, as identified by user space. */
export interface CallOf {
  readonly hook: number
  /** The call; undefined: all calls of the hook. */
  readonly call?: { readonly tid: number; readonly time: bigint }
}

/** Removes calls that will not return, or whose return is not awaited. */
export function forgetCalls(calls: Calls, which: readonly CallOf[]): void {
  const wanted = new Set(which.map(({ hook, call }) => `${hook} ${call?.tid} ${call?.time}`))
  const hooks = new Set(which.filter(({ call }) => call === undefined).map(({ hook }) => hook))
  for (const [key, { time }] of [...calls.entries()]) {
    const { hook, tid } = key
    if (hooks.has(hook) || wanted.has(`${hook} ${tid} ${time}`)) calls.delete(key)
  }
}
