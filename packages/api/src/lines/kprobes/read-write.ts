import type { KprobeArgument } from '../../messages/kprobe-argument.ts'
import { argumentFile, argumentInteger } from '../argument.ts'
import type { KprobeBody, KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

function body(icon: string, word: string, args: readonly KprobeArgument[]): KprobeBody {
  const size = argumentInteger(args[2])
  const count = size === undefined ? undefined : `${size} bytes`
  return { icon, word, columns: [detail(argumentFile(args[0])), detail(count)] }
}

/** `📚 read    default/xwing /usr/bin/cat /etc/passwd 4096 bytes` */
export const readWrite: KprobeFormats = {
  sys_read: (args) => body('📚', 'read', args),
  sys_write: (args) => body('📝', 'write', args),
}
