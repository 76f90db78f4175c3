import { type Column, plain } from '../lines/line.ts'
import type { MessageOf } from '../message.ts'
import { message, oneOf, string, uint64 } from '../message.ts'
import { ThrottleType } from '../messages/enums.ts'
import type { EventDeclarations, LinesOf } from './declaration.ts'

/** Events about the event stream itself: events that it omits. */

export const ProcessThrottle = message('ProcessThrottle', {
  type: oneOf(1, ThrottleType),
  cgroup: string(2),
})
export type ProcessThrottle = MessageOf<typeof ProcessThrottle>

export const Test = message('Test', {
  arg0: uint64(1),
  arg1: uint64(2),
  arg2: uint64(3),
  arg3: uint64(4),
})
export type Test = MessageOf<typeof Test>

export const RateLimitInfo = message('RateLimitInfo', {
  number_of_dropped_process_events: uint64(1),
})
export type RateLimitInfo = MessageOf<typeof RateLimitInfo>

export const streamEvents = {
  process_throttle: { number: 27, message: ProcessThrottle, repeats: false, ownRecord: true },
  /** Of Tetragon's own test sensor. */
  test: { number: 40000, message: Test, repeats: false },
  rate_limit_info: { number: 40001, message: RateLimitInfo, repeats: false },
} as const satisfies EventDeclarations

const { THROTTLE_START, THROTTLE_STOP } = ThrottleType.values

function state(type: ProcessThrottle['type']): Column {
  if (type === 'THROTTLE_START' || type === THROTTLE_START) return { text: 'START', colour: 'red' }
  if (type === 'THROTTLE_STOP' || type === THROTTLE_STOP) return { text: 'STOP ', colour: 'green' }
  return plain()
}

export const streamLines: LinesOf<typeof streamEvents> = {
  /** `🧬 throttle START /kubepods/pod1`: no process; the events of a cgroup are omitted. */
  process_throttle({ type, cgroup }) {
    const columns = [state(type), plain(cgroup)]
    return { icon: '🧬', word: 'throttle', colour: 'red', process: null, columns }
  },

  /** None of its fields is shown. */
  test: () => 'TEST EVENT',

  rate_limit_info: null,
}
