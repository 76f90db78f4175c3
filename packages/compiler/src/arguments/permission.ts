const permissions = new Map<number, string>()

/** Letters of file types by the number in a mode's upper bits: include/uapi/linux/stat.h. */
const kinds = '?pc?d?b?-?l?s???'

/** A mode as ls shows it, `-rw-r--r--`; empty if there is none. */
export function permission(mode: number): string {
  if (mode === 0) return ''
  let text = permissions.get(mode)
  if (text === undefined) {
    const bits = [...'rwxrwxrwx'].map((letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-'))
    const special = (at: number, bit: number, letter: string): void => {
      if ((mode & bit) === 0) return
      bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase()
    }
    special(2, 0o4000, 's')
    special(5, 0o2000, 's')
    special(8, 0o1000, 't')
    text = `${kinds[(mode >> 12) & 15]}${bits.join('')}`
    permissions.set(mode, text)
  }
  return text
}
