import type { OperandContext, UsdtOperand } from './argument.ts'
import { parseInteger, parseOffset } from './number.ts'

const classic = ['ax', 'bx', 'cx', 'dx', 'si', 'di', 'bp', 'sp'] as const

/** Name in assembly → name of the 64-bit register. */
const registers = new Map<string, string>([
  ...classic.flatMap((name): [string, string][] => [
    [`r${name}`, `r${name}`],
    [`e${name}`, `r${name}`],
    [name, `r${name}`],
  ]),
  ...['al', 'bl', 'cl', 'dl'].map((name): [string, string] => [name, `r${name[0]}x`]),
  ...['sil', 'dil', 'bpl', 'spl'].map((name): [string, string] => [name, `r${name.slice(0, 2)}`]),
  ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap((n) =>
    ['', 'd', 'w', 'b'].map((suffix): [string, string] => [`r${n}${suffix}`, `r${n}`]),
  ),
  ['rip', 'rip'],
  ['eip', 'rip'],
])
const highBytes = new Map(['ah', 'bh', 'ch', 'dh'].map((name) => [name, `r${name[0]}x`]))

/** `displacement(base,index,scale)` or a displacement; the displacement may be a symbol. */
const memoryPattern =
  /^([^()%,\s]*)(?:\(\s*(?:%(\w+))?\s*(?:,\s*%(\w+)\s*(?:,\s*([1248])\s*)?)?\))?$/

/** An operand in AT&T syntax; undefined if it is not of a known form. */
export function parseX86Operand(text: string, context: OperandContext): UsdtOperand | undefined {
  if (text.startsWith('$')) {
    const value = parseInteger(text.slice(1))
    return value === undefined ? undefined : { kind: 'constant', value }
  }
  if (text.startsWith('%')) return parseRegister(text.slice(1))
  return parseMemory(text, context)
}

function parseMemory(text: string, context: OperandContext): UsdtOperand | undefined {
  const match = memoryPattern.exec(text)
  if (match === null || text === '' || text.endsWith('()')) return undefined
  const [, offset, baseName, indexName, scaleText] = match
  const base = baseName === undefined ? undefined : registers.get(baseName)
  const index = indexName === undefined ? undefined : registers.get(indexName)
  if ((baseName !== undefined && base === undefined) || index === 'rip') return undefined
  if (indexName !== undefined && index === undefined) return undefined
  const displacement = parseOffset(offset, (name) => {
    const address = context.symbolAddress(name)
    return address !== undefined && base === 'rip' ? address - context.address : address
  })
  if (displacement === undefined) return undefined
  const scale = Number(scaleText ?? 1) as 1 | 2 | 4 | 8
  const place = index === undefined ? { displacement } : { displacement, index, scale }
  return base === undefined
    ? { kind: 'absolute', ...place }
    : { kind: 'memory', register: base, ...place }
}

function parseRegister(name: string): UsdtOperand | undefined {
  const high = highBytes.get(name)
  if (high !== undefined) return { kind: 'register', register: high, shift: 8 }
  const register = registers.get(name)
  return register === undefined ? undefined : { kind: 'register', register, shift: 0 }
}
