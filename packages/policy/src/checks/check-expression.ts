import type { ArgumentMatch, ExpressionMatch } from '../arguments/argument-match.ts'
import type { HookContext } from '../arguments/hook-context.ts'
import type { CelExpression, CelList } from '../cel/conditions/expression.ts'
import { parseCel } from '../cel/conditions/parse.ts'
import { CelError } from '../cel/conditions/syntax.ts'
import { type CelNames, checkTypes, type NameType } from '../cel/conditions/type-check.ts'
import type { Argument } from '../model/index.ts'
import { argumentTypeFacts } from '../operators/argument-facts.ts'
import type { SelectorDocument } from '../schema/selector.ts'
import { memberPosition } from './expression-members.ts'

/** The type that an argument has in expressions; undefined for arguments that cannot be used. */
function typeInExpressions({ type, named }: Argument): NameType | undefined {
  if (type === 'auto' && named) return 'unknown'
  const { kind, bits, signed } = argumentTypeFacts[type]
  if (kind === 'string' || kind === 'file') return 'text'
  if (kind !== 'integer') return undefined
  if (bits === 64) return signed ? 'int64' : 'uint64'
  return signed ? 'int32' : 'uint32'
}

type Lists = Readonly<Partial<Record<CelList, readonly Argument[]>>>

/** An expression with types, and the positions of its arguments in their lists. */
interface TypedExpression {
  readonly expression: CelExpression
  positions(list: CelList): number[]
}

/**
 * Infers the types of an expression over a hook's arguments.
 * @param onUse is called for each argument that it uses
 * @throws CelError
 */
function typeExpression(
  text: string,
  names: CelNames,
  lists: Lists,
  onUse: (argument: Argument) => NameType | undefined = () => undefined,
): TypedExpression {
  const used = new Map<CelList, Set<number>>()
  const expression = checkTypes(parseCel(text), names, ({ list, position }, offset) => {
    const all = lists[list] ?? []
    const argument = all[position]
    const name = `${list === names.data ? 'data' : 'arg'}${position}`
    if (argument === undefined) {
      throw new CelError(offset, `no ${name}: the list has ${all.length}, counted from 0`)
    }
    used.set(list, (used.get(list) ?? new Set()).add(position))
    const type = onUse(argument) ?? typeInExpressions(argument)
    if (type !== undefined) return type
    const message =
      argument.type === 'auto'
        ? `${name} requires a type in the policy`
        : `${name} is of type ${argument.type}: only numbers, texts and members can be used`
    throw new CelError(offset, message)
  })
  if (used.size === 0) throw new CelError(0, 'it uses no argument, so its result never changes')
  return { expression, positions: (list) => [...(used.get(list) ?? [])].sort((a, b) => a - b) }
}

/** Undefined if the expression, or an argument that it uses, is invalid. */
function checkExpression(
  text: string,
  path: string,
  names: CelNames,
  lists: Lists,
  { unreliable, check }: Pick<HookContext, 'unreliable' | 'check'>,
): TypedExpression | undefined {
  let reliable = true
  try {
    const typed = typeExpression(text, names, lists, (argument) => {
      if (!unreliable.has(argument)) return undefined
      reliable = false
      return 'int64'
    })
    return reliable ? typed : undefined
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    if (reliable) {
      const { offset: within, message } = error
      check.findings.error(path, 'POLICY_EXPRESSION', inExpression(within, message), { within })
    }
    return undefined
  }
}

/** The message about a place in an expression, counted from 0. */
export function inExpression(offset: number, message: string): string {
  return `in the expression, character ${offset + 1}: ${message}`
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

const matchNames = { arg: 'args', data: 'data' } as const

/** Checks `matchCEL`; undefined if it is invalid or absent. Members follow the hook's `data`. */
export function checkMatchCel(
  match: SelectorDocument['matchCEL'],
  hook: HookContext,
): ExpressionMatch | undefined {
  if (match === undefined || hook.check.isBroken(match)) return undefined
  const { expr, at } = match
  const path = `${at}.expr`
  const names: CelNames = {
    ...matchNames,
    member: (members) => memberPosition(members, path, hook),
  }
  const lists = {
    args: hook.args,
    get data() {
      return [...hook.data, ...hook.members]
    },
  }
  const checked = checkExpression(expr, path, names, lists, hook)
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

/**
 * Infers the types of a `matchCEL` again, now that those of members are known.
 * @throws CelError
 */
export function retypeExpression(
  { written, ...match }: ExpressionMatch,
  { args, data }: { readonly args: readonly Argument[]; readonly data: readonly Argument[] },
): ExpressionMatch {
  const names: CelNames = {
    ...matchNames,
    member: ({ text }) => ({
      list: 'data',
      position: data.findIndex((each) => each.label === text && each.named),
    }),
  }
  const { expression } = typeExpression(written.values[0], names, { args, data })
  return { ...match, written, test: { operator: 'cel', expression } }
}
