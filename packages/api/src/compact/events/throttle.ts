import { ThrottleType } from '../../messages/enums.ts'
import type { ProcessThrottle } from '../../messages/event.ts'
import { type Column, type Line, plain } from '../line.ts'

const { THROTTLE_START, THROTTLE_STOP } = ThrottleType.values

function state(type: ProcessThrottle['type']): Column {
  if (type === 'THROTTLE_START' || type === THROTTLE_START) return { text: 'START', colour: 'red' }
  if (type === 'THROTTLE_STOP' || type === THROTTLE_STOP) return { text: 'STOP ', colour: 'green' }
  return plain()
}

/** `🧬 throttle START /kubepods/pod1`: no process, the events of a whole cgroup are held back. */
export function throttleLine({ type, cgroup }: ProcessThrottle): Line {
  const columns = [state(type), plain(cgroup)]
  return { icon: '🧬', word: 'throttle', colour: 'red', process: null, columns }
}
