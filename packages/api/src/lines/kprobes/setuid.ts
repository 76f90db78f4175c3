import { argumentInteger } from '../argument.ts'
import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** `🔑 setuid  default/xwing /usr/bin/su 0` */
export const setuid: KprobeFormats = {
  sys_setuid: (args) => ({
    icon: '🔑',
    word: 'setuid',
    columns: [detail(argumentInteger(args[0]))],
  }),
}
