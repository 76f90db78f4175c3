import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** `📝 truncate default/xwing /usr/bin/truncate /etc/motd` */
export const pathTruncate: KprobeFormats = {
  security_path_truncate: (args) => {
    const path = args[0]?.path_arg
    if (path === undefined) {
      return { icon: '❓', word: 'security_path_truncate', columns: [detail(undefined)] }
    }
    return { icon: '📝', word: 'truncate', columns: [detail(path.path ?? '')] }
  },
}
