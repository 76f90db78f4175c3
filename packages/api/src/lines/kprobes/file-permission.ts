import { argumentFile, argumentInteger } from '../argument.ts'
import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** Icons by access mask (include/linux/fs.h, MAY_WRITE and MAY_READ). */
const accesses = new Map([
  ['2', { icon: '📝', word: 'write' }],
  ['4', { icon: '📚', word: 'read' }],
])

/** `📚 read    default/xwing /usr/bin/cat /etc/passwd` */
export const filePermission: KprobeFormats = {
  security_file_permission: (args) => ({
    ...(accesses.get(argumentInteger(args[1]) ?? '') ?? {
      icon: '❓',
      word: 'security_file_permission',
    }),
    columns: [detail(argumentFile(args[0]))],
  }),
}
