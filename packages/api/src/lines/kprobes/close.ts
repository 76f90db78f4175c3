import { argumentFile } from '../argument.ts'
import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** `📪 close   default/xwing /usr/bin/cat /etc/passwd` */
export const close: KprobeFormats = {
  sys_close: (args) => ({ icon: '📪', word: 'close', columns: [detail(argumentFile(args[0]))] }),
}
