import type { HookContext } from '../arguments/hook-context.ts'
import type { CelExpression, CelType } from '../cel/conditions/expression.ts'
import { parseCel } from '../cel/conditions/parse.ts'
import { CelError } from '../cel/conditions/syntax.ts'
import { checkTypes } from '../cel/conditions/type-check.ts'
import type { Argument, ArgumentTypeName } from '../model/index.ts'
import { argumentTypeFacts } from '../operators/argument-facts.ts'

/** The type that an argument has in expressions; undefined for arguments that cannot be used. */
function typeInExpressions(name: ArgumentTypeName): Exclude<CelType, 'bool'> | undefined {
  const { kind, bits, signed } = argumentTypeFacts[name]
  if (kind !== 'integer') return undefined
  if (bits === 32) return signed ? 'int32' : 'uint32'
  if (bits === 64) return signed ? 'int64' : 'uint64'
  return undefined
}

/**
 * Checks an expression over a hook's arguments. Undefined if the expression, or an argument that it
 * uses, is invalid.
 */
export function checkExpression(
  text: string,
  path: string,
  args: readonly Argument[],
  { unreliable, check }: Pick<HookContext, 'unreliable' | 'check'>,
): { checked: CelExpression; positions: number[] } | undefined {
  const used = new Set<number>()
  let reliable = true
  const argumentType = (position: number, offset: number) => {
    const argument = args[position]
    if (argument === undefined) {
      throw new CelError(offset, `no arg${position}: the list has ${args.length}, counted from 0`)
    }
    used.add(position)
    if (unreliable.has(argument)) {
      reliable = false
      return 'int64'
    }
    const type = typeInExpressions(argument.type)
    if (type === undefined) {
      const message =
        argument.type === 'auto'
          ? `arg${position} requires a type in the policy`
          : `arg${position} is of type ${argument.type}: only numbers of 32 or 64 bits can be used`
      throw new CelError(offset, message)
    }
    return type
  }
  try {
    const checked = checkTypes(parseCel(text), argumentType)
    if (used.size === 0) throw new CelError(0, 'it uses no argument, so its result never changes')
    return reliable ? { checked, positions: [...used].sort((a, b) => a - b) } : undefined
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    const message = `in the expression, character ${error.offset + 1}: ${error.message}`
    if (reliable) check.findings.error(path, 'POLICY_EXPRESSION', message)
    return undefined
  }
}
