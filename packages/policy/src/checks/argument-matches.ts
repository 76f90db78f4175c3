import type { HookContext } from '../arguments/hook-context.ts'
import type { Argument, ArgumentMatch, ArgumentTest } from '../model/index.ts'
import { argumentTypeFacts } from '../operators/argument-facts.ts'
import {
  allowsOperator,
  operatorsByKind,
  readArgumentTest,
} from '../operators/argument-operators.ts'
import { isValueOperator, operators } from '../operators/index.ts'
import type { ArgumentMatchDocument } from '../schema/selector.ts'
import { checkCelExpr } from './check-expression.ts'
import { findList } from './lists.ts'

/** The kinds of conditions on arguments. */
export type ArgumentMatcher = 'matchArgs' | 'matchData' | 'matchReturnArgs'

const listNames = { matchArgs: 'args', matchData: 'data', matchReturnArgs: 'result' } as const

function candidates(matcher: ArgumentMatcher, hook: HookContext): readonly Argument[] {
  if (matcher === 'matchArgs') return hook.args
  if (matcher === 'matchData') return hook.data
  return hook.returnArg === undefined ? [] : [hook.returnArg]
}

/** Checks the positions in `args`. */
function positionsOfList(
  match: ArgumentMatchDocument,
  args: readonly Argument[],
  { check }: HookContext,
): number[] | undefined {
  let good = true
  for (const [i, position] of match.args.entries()) {
    if (position < args.length) continue
    const message = `no item ${position}: the list has ${args.length}, counted from 0`
    check.findings.error(`${match.at}.args[${i}]`, 'POLICY_INDEX', message)
    good = false
  }
  return good ? [...match.args] : undefined
}

/** Finds the argument with `index`. */
function positionOfIndex(
  match: ArgumentMatchDocument,
  matcher: ArgumentMatcher,
  args: readonly Argument[],
  hook: HookContext,
): number | undefined {
  const { index, at } = match
  if (matcher === 'matchReturnArgs') return 0
  const position = matcher === 'matchData' ? -1 : args.findIndex((each) => each.index === index)
  if (position >= 0) return position
  const byIndex = matcher === 'matchData' || hook.section === 'tracepoints'
  if (byIndex && index < args.length) return index
  // It may be an argument whose index is invalid.
  if (hook.unreliable.size > 0) return undefined
  const listed = matcher === 'matchData' ? 'data' : 'args'
  const has = matcher === 'matchData' ? [...args.keys()] : args.map((each) => each.index)
  const message =
    `no item with index ${index} in ${listed}` +
    (has.length === 0 ? ', which is empty' : `, only ${[...new Set(has)].join(', ')}`)
  hook.check.findings.error(`${at}.index`, 'POLICY_INDEX', message)
  return undefined
}

function positionsOf(
  match: ArgumentMatchDocument,
  matcher: ArgumentMatcher,
  args: readonly Argument[],
  hook: HookContext,
): readonly number[] | undefined {
  const pair = operators[match.operator].operands === 'pair'
  if (match.args.length === 0 || matcher === 'matchReturnArgs') {
    if (pair) {
      const message = `args is missing: ${match.operator} compares two of them, old and new`
      hook.check.findings.error(`${match.at}.args`, 'POLICY_MISSING_FIELD', message)
      return undefined
    }
    const position = positionOfIndex(match, matcher, args, hook)
    return position === undefined ? undefined : [position]
  }
  const wanted = pair ? 2 : 1
  if (match.args.length !== wanted) {
    const message = `${match.operator} requires ${wanted} of args, not ${match.args.length}`
    hook.check.findings.error(`${match.at}.args`, 'POLICY_INDEX', message)
    return undefined
  }
  return positionsOfList(match, args, hook)
}

/** Whether the types of the arguments allow the operator. */
function checkTypes(
  match: ArgumentMatchDocument,
  args: readonly Argument[],
  { check }: HookContext,
): boolean {
  const wrong = args.find(({ type }) => !allowsOperator(type, match.operator))
  if (wrong === undefined) return true
  const allowed = operatorsByKind[argumentTypeFacts[wrong.type].kind]
  const message =
    allowed.length === 0
      ? `arguments of type ${wrong.type} cannot be tested`
      : `${match.operator} does not support arguments of type ${wrong.type}`
  check.findings.error(`${match.at}.operator`, 'POLICY_OPERATOR', message, { allowed })
  return false
}

/** Whether the number of values is valid for the operator. */
function checkCount(match: ArgumentMatchDocument, { check }: HookContext): boolean {
  const { operator, values, at } = match
  const { count } = operators[operator]
  const path = `${at}.values`
  if (count === 'none') {
    if (values.length > 0) {
      check.findings.warning(path, 'POLICY_IGNORED', `${operator} uses no values`)
    }
    return true
  }
  if (values.length === 0) {
    const message = `values is missing: ${operator} requires ${count === 'one' ? 'one' : 'some'}`
    check.findings.error(path, 'POLICY_MISSING_FIELD', message)
    return false
  }
  if (count === 'some' || values.length === 1) return true
  check.findings.error(
    path,
    'POLICY_OPERAND',
    `${operator} requires one value, not ${values.length}`,
  )
  return false
}

const listTypes = ['syscalls', 'generated_syscalls']

/** Whether the lists of a test exist and contain system calls. */
function checkTestLists(
  test: ArgumentTest,
  match: ArgumentMatchDocument,
  argument: Argument,
  { check, lists }: HookContext,
): boolean {
  if (test.operator !== 'in-map') return true
  let good = true
  for (const name of test.lists) {
    const path = `${match.at}.values[${match.values.indexOf(`list:${name}`)}]`
    const list = findList(name, path, lists, check)
    if (list === undefined) {
      good = false
    } else if (!listTypes.includes(list.type)) {
      const message = `the list ${JSON.stringify(name)} contains no system calls`
      check.findings.error(path, 'POLICY_LIST', message)
      good = false
    } else if (argument.type !== 'syscall64' && argument.type !== 'auto') {
      const message = `lists of system calls require an argument of type syscall64, not ${argument.type}`
      check.findings.error(path, 'POLICY_LIST', message)
      good = false
    }
  }
  return good
}

/** Warns if `index` or `args` has no effect. */
function checkPositionsUsed(
  { at, index, args, operator }: ArgumentMatchDocument,
  matcher: ArgumentMatcher,
  { check }: HookContext,
): void {
  const ignored = (field: 'index' | 'args', message: string): void =>
    check.findings.warning(`${at}.${field}`, 'POLICY_IGNORED', message)
  if (operators[operator].operands === 'named') {
    if (index !== 0) ignored('index', `${operator} names arguments itself: index has no effect`)
    if (args.length > 0) ignored('args', `${operator} names arguments itself: args has no effect`)
  } else if (matcher === 'matchReturnArgs') {
    if (index !== 0) ignored('index', 'returnArg is the only return value: index has no effect')
    if (args.length > 0) ignored('args', 'there is one result: args has no effect')
  } else if (index !== 0 && args.length > 0) {
    ignored('index', 'args decides which arguments are tested: index has no effect')
  }
}

/** Checks a condition on arguments; undefined if it is invalid. */
export function checkArgumentMatch(
  match: ArgumentMatchDocument,
  matcher: ArgumentMatcher,
  hook: HookContext,
): ArgumentMatch | undefined {
  const { check } = hook
  checkPositionsUsed(match, matcher, hook)
  if (check.isBroken(match) || !checkCount(match, hook)) return undefined
  const { operator, at, values } = match
  const args = candidates(matcher, hook)
  if (!isValueOperator(operator)) {
    return checkCelExpr(values[0], at, listNames[matcher], args, hook)
  }
  const positions = positionsOf(match, matcher, args, hook)
  if (positions === undefined) return undefined
  const tested = positions.map((position) => args[position])
  if (tested.some((argument) => hook.unreliable.has(argument))) return undefined
  if (!checkTypes(match, tested, hook)) return undefined
  const test = readArgumentTest(operator, tested[0].type, values, (i, { message, allowed }) => {
    const details = allowed === undefined ? {} : { allowed, given: values[i] }
    check.findings.error(`${at}.values[${i}]`, 'POLICY_OPERAND', message, details)
  })
  if (test === undefined || !checkTestLists(test, match, tested[0], hook)) return undefined
  const negated = operators[operator].negated ?? false
  return { path: at, positions, negated, written: { operator, values }, test }
}
