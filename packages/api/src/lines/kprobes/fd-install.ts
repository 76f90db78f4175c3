import { argumentFile } from '../argument.ts'
import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** `📬 open    default/xwing /usr/bin/cat /etc/passwd` */
export const fdInstall: KprobeFormats = {
  fd_install: (args) => ({ icon: '📬', word: 'open', columns: [detail(argumentFile(args[1]))] }),
}
