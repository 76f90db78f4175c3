import type { ProcessExec } from '../../messages/event.ts'
import { detail, type Line } from '../line.ts'

/** `🚀 process default/xwing /usr/bin/curl cilium.io` */
export function execLine({ process }: ProcessExec): Line {
  return { icon: '🚀', word: 'process', process, columns: [detail(process?.arguments ?? '')] }
}
