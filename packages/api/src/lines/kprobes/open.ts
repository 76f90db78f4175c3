import type { KprobeArgument } from '../../messages/kprobe-argument.ts'
import type { KprobeBody, KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

function body(word: string, args: readonly KprobeArgument[]): KprobeBody {
  return { icon: '📬\ufe0f', word, columns: [detail(args[1]?.string_arg)] }
}

/** `📬️ openat  default/xwing /usr/bin/cat /etc/passwd`; the second argument for open(2) too. */
export const open: KprobeFormats = {
  sys_openat: (args) => body('openat', args),
  sys_open: (args) => body('open', args),
}
