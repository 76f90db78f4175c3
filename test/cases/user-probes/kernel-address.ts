import { readFileSync } from 'node:fs'

/** The address of the kernel's own text, in hexadecimal. */
export function kernelAddress(): string {
  const found = /^([\da-f]+) T _stext$/m.exec(readFileSync('/proc/kallsyms', 'latin1'))
  if (found === null) throw new Error('read /proc/kallsyms: it has no _stext')
  return `0x${found[1]}`
}
