import type { KprobeArgument } from '../../messages/kprobe-argument.ts'
import type { KprobeBody, KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

function body(word: string, args: readonly KprobeArgument[]): KprobeBody {
  const columns = [detail(args[0]?.string_arg), detail(args[1]?.string_arg)]
  return { icon: '💾', word, columns }
}

/** `💾 mount   default/xwing /usr/bin/mount tmpfs /mnt` */
export const mount: KprobeFormats = {
  sys_mount: (args) => body('mount', args),
  sys_pivot_root: (args) => body('pivot_root', args),
}
