import type { ArgumentMatch, ExpressionMatch } from '../arguments/argument-match.ts'
import type { HookContext } from '../arguments/hook-context.ts'
import type { CelExpression, CelList, CelType } from '../cel/conditions/expression.ts'
import { parseCel } from '../cel/conditions/parse.ts'
import { CelError } from '../cel/conditions/syntax.ts'
import { type CelNames, checkTypes } from '../cel/conditions/type-check.ts'
import type { Argument, ArgumentTypeName } from '../model/index.ts'
import { argumentTypeFacts } from '../operators/argument-facts.ts'
import type { SelectorDocument } from '../schema/selector.ts'

/** The type that an argument has in expressions; undefined for arguments that cannot be used. */
function typeInExpressions(name: ArgumentTypeName): Exclude<CelType, 'bool'> | 'text' | undefined {
  const { kind, bits, signed } = argumentTypeFacts[name]
  if (kind === 'string' || kind === 'file') return 'text'
  if (kind !== 'integer') return undefined
  if (bits === 64) return signed ? 'int64' : 'uint64'
  return signed ? 'int32' : 'uint32'
}

type Lists = Readonly<Partial<Record<CelList, readonly Argument[]>>>

/**
 * Checks an expression over a hook's arguments. Undefined if the expression, or an argument that it
 * uses, is invalid.
 */
function checkExpression(
  text: string,
  path: string,
  names: CelNames,
  lists: Lists,
  { unreliable, check }: Pick<HookContext, 'unreliable' | 'check'>,
): { expression: CelExpression; positions(list: CelList): number[] } | undefined {
  const used = new Map<CelList, Set<number>>()
  let reliable = true
  const typeOf = (
    { list, position }: { readonly list: CelList; readonly position: number },
    offset: number,
  ) => {
    const all = lists[list] ?? []
    const argument = all[position]
    const name = `${list === names.data ? 'data' : 'arg'}${position}`
    if (argument === undefined) {
      throw new CelError(offset, `no ${name}: the list has ${all.length}, counted from 0`)
    }
    used.set(list, (used.get(list) ?? new Set()).add(position))
    if (unreliable.has(argument)) {
      reliable = false
      return 'int64'
    }
    const type = typeInExpressions(argument.type)
    if (type === undefined) {
      const message =
        argument.type === 'auto'
          ? `${name} requires a type in the policy`
          : `${name} is of type ${argument.type}: only numbers and texts can be used`
      throw new CelError(offset, message)
    }
    return type
  }
  try {
    const expression = checkTypes(parseCel(text), names, typeOf)
    if (used.size === 0) throw new CelError(0, 'it uses no argument, so its result never changes')
    if (!reliable) return undefined
    const positions = (list: CelList) => [...(used.get(list) ?? [])].sort((a, b) => a - b)
    return { expression, positions }
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    const message = `in the expression, character ${error.offset + 1}: ${error.message}`
    if (reliable) check.findings.error(path, 'POLICY_EXPRESSION', message)
    return undefined
  }
}

/** Checks `CelExpr`, whose names refer to the list of its matcher. */
export function checkCelExpr(
  text: string,
  at: string,
  list: CelList,
  args: readonly Argument[],
  hook: HookContext,
): ArgumentMatch | undefined {
  const message = 'CelExpr is deprecated in Tetragon, which removes it in 1.9.0: use matchCEL'
  hook.check.findings.warning(`${at}.operator`, 'POLICY_DEPRECATED', message)
  const path = `${at}.values[0]`
  const checked = checkExpression(text, path, { arg: list }, { [list]: args }, hook)
  if (checked === undefined) return undefined
  const test = { operator: 'cel', expression: checked.expression } as const
  const written = { operator: 'CelExpr', values: [text] } as const
  return { path: at, positions: checked.positions(list), negated: false, written, test }
}

/** Checks `matchCEL`; undefined if it is invalid or absent. */
export function checkMatchCel(
  match: SelectorDocument['matchCEL'],
  hook: HookContext,
): ExpressionMatch | undefined {
  if (match === undefined || hook.check.isBroken(match)) return undefined
  const { expr, at } = match
  const names = { arg: 'args', data: 'data' } as const
  const checked = checkExpression(expr, `${at}.expr`, names, hook, hook)
  if (checked === undefined) return undefined
  return {
    path: at,
    positions: checked.positions('args'),
    dataPositions: checked.positions('data'),
    negated: false,
    written: { operator: 'CelExpr', values: [expr] },
    test: { operator: 'cel', expression: checked.expression },
  }
}
