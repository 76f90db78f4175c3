/** Where the new content of a register comes from. */
export type RegisterSource =
  | { readonly kind: 'constant'; readonly value: bigint }
  /** The content of a register plus a number, or the 8 bytes in memory at that address. */
  | { readonly kind: 'register' | 'memory'; readonly name: string; readonly offset: bigint }

/** An assignment to a register, as in `rax=11`, `rsp=8%rsp` or `rip=8(%rsp)`. */
export interface RegisterAssignment {
  readonly register: string
  readonly from: RegisterSource
}

const number = '-?(?:0x[\\da-fA-F]+|\\d+)'
const name = '[a-z][a-z0-9]*'
const constant = new RegExp(`^(${name})=(${number})$`)
const relative = new RegExp(`^(${name})=(${number})?(?:\\(%(${name})\\)|%(${name}))$`)

/** Undefined if it is none, or its number does not fit into 64 bits. */
export function parseAssignment(text: string): RegisterAssignment | undefined {
  const fixed = constant.exec(text)
  if (fixed) {
    const value = wordOf(fixed[2])
    return value === undefined
      ? undefined
      : { register: fixed[1], from: { kind: 'constant', value } }
  }
  const found = relative.exec(text)
  if (!found) return undefined
  const [, register, distance = '0', inMemory, inRegister] = found
  const offset = wordOf(distance)
  if (offset === undefined) return undefined
  const kind = inMemory === undefined ? 'register' : 'memory'
  return { register, from: { kind, name: inMemory ?? inRegister, offset } }
}

function wordOf(text: string): bigint | undefined {
  const isNegative = text.startsWith('-')
  const size = BigInt(isNegative ? text.slice(1) : text)
  const value = isNegative ? -size : size
  return value >= -(2n ** 63n) && value < 2n ** 64n ? value : undefined
}
