import type { UsdtOperand } from './argument.ts'
import { parseInteger, parseOffset } from './number.ts'

/** The 64-bit register of a name: x0 to x30, w0 to w30, sp, and the aliases fp, lr, ip0, ip1. */
function registerOf(name: string): string | undefined {
  const aliases: Readonly<Record<string, string>> = {
    sp: 'sp',
    wsp: 'sp',
    fp: 'x29',
    lr: 'x30',
    ip0: 'x16',
    ip1: 'x17',
  }
  const match = /^[xw](\d|[12]\d|30)$/.exec(name)
  return match ? `x${match[1]}` : Object.hasOwn(aliases, name) ? aliases[name] : undefined
}

/** `[base]`, `[base, displacement]`, `[base, index]`, `[base, index, lsl shift]`. */
const memoryPattern = /^\[\s*(\w+)\s*(?:,\s*(#?[-+\w]+)\s*(?:,\s*lsl\s+#?([0-3])\s*)?)?\]$/

/** An operand in the syntax of arm64; undefined if it is not of a known form. */
export function parseArm64Operand(text: string): UsdtOperand | undefined {
  const constant = parseInteger(text.replace(/^#/, ''))
  if (constant !== undefined) return { kind: 'constant', value: constant }
  if (text === 'xzr' || text === 'wzr') return { kind: 'constant', value: 0n }
  const register = registerOf(text)
  if (register !== undefined) return { kind: 'register', register, shift: 0 }
  const match = memoryPattern.exec(text)
  const base = match === null ? undefined : registerOf(match[1])
  if (match === null || base === undefined) return undefined
  const [, , second = '0', shift] = match
  const index = registerOf(second)
  if (index !== undefined) {
    // A 32-bit index would be extended, and says how only in longer forms.
    if (!second.startsWith('x')) return undefined
    const scale = (1 << Number(shift ?? 0)) as 1 | 2 | 4 | 8
    return { kind: 'memory', register: base, displacement: 0, index, scale }
  }
  const displacement = shift === undefined ? parseOffset(second.replace(/^#/, '')) : undefined
  return displacement === undefined ? undefined : { kind: 'memory', register: base, displacement }
}
