import type { ProcessExit } from '../../messages/event.ts'
import { detail, type Line } from '../line.ts'

/** `💥 exit    default/xwing /usr/bin/curl cilium.io 0`; a signal's name takes the status' place. */
export function exitLine({ process, signal, status }: ProcessExit): Line {
  const reason = signal === undefined || signal === '' ? String(status ?? 0) : signal
  return {
    icon: '💥',
    word: 'exit',
    process,
    columns: [detail(process?.arguments ?? ''), { text: reason, colour: 'red' }],
  }
}
