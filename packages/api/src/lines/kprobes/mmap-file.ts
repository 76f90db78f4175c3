import { argumentFile, argumentInteger } from '../argument.ts'
import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** Letters by protection bit (include/uapi/asm-generic/mman-common.h, PROT_READ and so on). */
const letters: readonly (readonly [number, string])[] = [
  [1, 'r'],
  [2, 'w'],
  [4, 'x'],
]

/** `📝 mmap-rx default/xwing /usr/bin/cat /usr/lib/libc.so.6` */
export const mmapFile: KprobeFormats = {
  security_mmap_file: (args) => {
    const columns = [detail(argumentFile(args[0]))]
    if (args.length < 2) return { icon: '❓', word: 'security_mmap_file', columns }
    const protection = Number(argumentInteger(args[1]) ?? 0)
    const set = letters.filter(([bit]) => (protection & bit) !== 0).map(([, letter]) => letter)
    return { icon: '📝', word: `mmap-${set.join('')}`, columns }
  },
}
