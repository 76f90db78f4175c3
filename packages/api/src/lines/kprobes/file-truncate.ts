import { argumentFile } from '../argument.ts'
import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** `📝 truncate default/xwing /usr/bin/truncate /etc/motd` (the hook exists from kernel 6.2 on) */
export const fileTruncate: KprobeFormats = {
  security_file_truncate: (args) => {
    const path = argumentFile(args[0])
    const word = path === undefined ? 'security_file_truncate' : 'truncate'
    return { icon: path === undefined ? '❓' : '📝', word, columns: [detail(path)] }
  },
}
