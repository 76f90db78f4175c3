import { UsageError } from '../usage-error.ts'

/** Reads exactly the named operands of a command. @throws UsageError */
export function takeOperands<const Names extends readonly string[]>(
  operands: readonly string[],
  names: Names,
): { readonly [K in keyof Names]: string } {
  if (operands.length < names.length) throw new UsageError(`${names[operands.length]} is missing`)
  if (operands.length > names.length) {
    throw new UsageError(`unexpected argument "${operands[names.length]}"`)
  }
  return operands as unknown as { readonly [K in keyof Names]: string }
}
