import type {
  Argument,
  ArgumentMatch,
  CelList,
  Diagnostic,
  Hook,
  PolicyDocument,
  Selector,
} from '@tetragon-ts/policy'
import { valuesMax } from '@tetragon-ts/sensors/records/hook'
import { actionCode } from '../actions/index.ts'
import type { ExpectedType } from '../arguments/argument-type.ts'
import { argumentType, hasArgumentType } from '../arguments/index.ts'
import { findRegister, registerNames } from '../hook/registers.ts'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { facetNames } from '../operators/facets.ts'
import { operatorOf } from '../operators/index.ts'
import type { Operand } from '../operators/operator.ts'
import { listedNumber, listedSyscall } from '../operators/syscall-lists.ts'
import { findMembers } from '../plan/member-path.ts'
import {
  describeExpected,
  fit,
  fitOfText,
  parameterTypes,
  startType,
} from '../plan/parameter-types.ts'
import { sectionOf } from '../sections/index.ts'
import type { ParameterType } from '../sections/section.ts'
import { matchSelection } from '../workloads/workload-sets.ts'

/** Checks of a hook's arguments that need the kernel. */
export function checkArguments(
  hook: Hook,
  document: PolicyDocument,
  kernel: KernelView,
): readonly Diagnostic[] {
  const { args, data, returnArg } = hook
  const all = [...args, ...data, ...(returnArg ? [returnArg] : [])]
  return [
    ...checkCount(all.length, hook, document),
    ...all.flatMap((argument) => checkArgument(argument, { hook, document, kernel })),
    ...checkCopied(hook, document),
  ]
}

function checkCount(count: number, { path }: Hook, document: PolicyDocument): Diagnostic[] {
  if (count <= valuesMax) return []
  const message = `the hook has ${count} values; the maximum is ${valuesMax}`
  return [document.diagnose(path, 'POLICY_LIMIT', message)]
}

/** Values read at the function's return cannot decide about its entry. */
function checkCopied({ args, selectors }: Hook, document: PolicyDocument): Diagnostic[] {
  return selectors.flatMap(({ args: matches, expressions }) =>
    [...matches, ...expressions]
      .filter(({ positions }) => positions.some((position) => args[position].returnCopy))
      .map(({ path, positions }) => {
        const message = `argument ${positions.join(', ')} has returnCopy: selectors use values of the entry only`
        return document.diagnose(path, 'POLICY_SELECTOR', message)
      }),
  )
}

/** Context of the checks of a hook's arguments. */
interface ArgumentCheck {
  readonly hook: Hook
  readonly document: PolicyDocument
  readonly kernel: KernelView
}

/** Checks of an argument, an item of data or a return value that need the kernel. */
function checkArgument(argument: Argument, check: ArgumentCheck): readonly Diagnostic[] {
  const { document, kernel } = check
  const { type, path, source, resolve, btfType } = argument
  if (!hasArgumentType(type)) {
    const message = `arguments of type ${type} cannot be read by this hook`
    return [document.diagnose(`${path}.type`, 'POLICY_ARGUMENT_TYPE', message)]
  }
  const { expects } = argumentType(type)
  if (source === undefined && sectionOf(check.hook).memory === 'user' && isOfKernel(expects)) {
    const message = `a struct ${expects.names[0]} is in the kernel: ${type} cannot be read in user space`
    return [document.diagnose(`${path}.type`, 'POLICY_ARGUMENT_TYPE', message)]
  }
  if (isMissing(expects, kernel)) {
    const message = `this kernel does not describe struct ${expects.names[0]}, which ${type} is read from`
    return [document.diagnose(`${path}.type`, 'POLICY_ARGUMENT_TYPE', message)]
  }
  const beyond = checkIndex(argument, check)
  if (beyond) return [beyond]
  if (source === 'pt_regs') return checkRegister(argument, expects, check)
  if (resolve.length > 0) return checkPath(argument, expects, check)
  return btfType === undefined
    ? checkParameter(argument, expects, check)
    : checkType(argument, check)
}

function isOfKernel(expects: ExpectedType): expects is ExpectedType & { kind: 'structure' } {
  return expects.kind === 'structure' && !expects.fixed
}

function isMissing(
  expects: ExpectedType,
  { btf }: KernelView,
): expects is ExpectedType & { kind: 'structure' } {
  if (expects.kind !== 'structure' || expects.fixed) return false
  return btf.find(expects.names[0], ['struct', 'union']) === undefined
}

/** Refuses a parameter that the function does not have. */
function checkIndex(
  argument: Argument,
  { hook, document, kernel }: ArgumentCheck,
): Diagnostic | undefined {
  if (argument.source !== undefined || argument === hook.returnArg) return undefined
  const parameters = parameterTypes(kernel.btf, hook)
  if (!parameters) return undefined
  const { index, sizeIndex, path } = argument
  const about = prototype(hook, parameters)
  if (index >= parameters.length) {
    const message = `no argument ${index}: ${about}`
    return document.diagnose(`${path}.index`, 'POLICY_INDEX', message)
  }
  if (sizeIndex !== undefined && sizeIndex >= parameters.length) {
    const message = `no argument ${sizeIndex + 1}, counted from 1: ${about}`
    return document.diagnose(`${path}.sizeArgIndex`, 'POLICY_INDEX', message)
  }
  return undefined
}

function prototype({ call }: Hook, parameters: readonly ParameterType[]): string {
  const list = parameters.map(({ text, name }) =>
    text.endsWith('*') || name === '' ? `${text}${name}` : `${text} ${name}`,
  )
  return `it is ${call}(${list.join(', ')})`
}

function checkRegister(
  { path, resolve, type }: Argument,
  expects: ExpectedType,
  { document }: ArgumentCheck,
): readonly Diagnostic[] {
  const name = String(resolve[0])
  if (resolve.length > 1 || !findRegister(name)) {
    const message = `unknown register ${resolve.join('.')}`
    const details = { allowed: registerNames, given: name }
    return [document.diagnose(`${path}.resolve`, 'POLICY_RESOLVE', message, details)]
  }
  if (expects.kind === 'number') return []
  const message = `a register holds a number: ${type} reads ${describeExpected(expects)} at its address`
  return [document.diagnose(`${path}.type`, 'POLICY_FIT', message, { severity: 'warning' })]
}

/** Checks members: all must exist, and the last must fit. */
function checkPath(
  argument: Argument,
  expects: ExpectedType,
  { hook, document, kernel }: ArgumentCheck,
): readonly Diagnostic[] {
  const { path, resolve, type } = argument
  const start = startType(kernel.btf, hook, argument)
  const fail = (message: string, details = {}): readonly Diagnostic[] => [
    document.diagnose(`${path}.resolve`, 'POLICY_RESOLVE', message, details),
  ]
  if (!start) return fail('the type of the argument is unknown: set btfType')
  if ('message' in start) {
    return [document.diagnose(`${path}.btfType`, 'POLICY_RESOLVE', start.message)]
  }
  const found = findMembers(start.btf, start.typeId, resolve)
  if ('message' in found) {
    const { message, allowed, given } = found
    return fail(message, allowed ? { allowed, given } : {})
  }
  const last = found.steps[found.steps.length - 1]
  if (fit(start.btf, last.typeId, expects) !== 'misfit') return []
  const message =
    `${resolve.at(-1)} is ${start.btf.describe(last.typeId)}, ` +
    `but ${type} is read from ${describeExpected(expects)}`
  return [document.diagnose(`${path}.type`, 'POLICY_FIT', message)]
}

/** Checks a structure that the policy specifies for a parameter. */
function checkType(
  argument: Argument,
  { hook, document, kernel }: ArgumentCheck,
): readonly Diagnostic[] {
  const start = startType(kernel.btf, hook, argument)
  if (!start || !('message' in start)) return []
  return [document.diagnose(`${argument.path}.btfType`, 'POLICY_RESOLVE', start.message)]
}

/** Warns about a parameter whose kernel type is clearly different: probably a mistake. */
function checkParameter(
  argument: Argument,
  expects: ExpectedType,
  { hook, document, kernel }: ArgumentCheck,
): readonly Diagnostic[] {
  const { index, path, type } = argument
  const isResult = argument === hook.returnArg
  const start = startType(kernel.btf, hook, argument)
  if (start && 'message' in start) return []
  const text = isResult ? undefined : parameterTypes(kernel.btf, hook)?.[index]?.text
  const declared = start ? start.btf.describe(start.typeId) : text
  if (declared === undefined) return []
  const fits = start ? fit(start.btf, start.typeId, expects) : fitOfText(declared, expects)
  if (fits !== 'misfit') return []
  const what = isResult ? 'the result' : `argument ${index}`
  const message =
    `${what} of ${hook.call} is ${declared}, ` +
    `but ${type} is read from ${describeExpected(expects)}`
  return [document.diagnose(`${path}.type`, 'POLICY_FIT', message, { severity: 'warning' })]
}

/** Checks of selectors that need readable arguments. */
export function checkSelectors(hook: Hook, document: PolicyDocument): readonly Diagnostic[] {
  const { args, data, returnArg, selectors } = hook
  const lists = { args, data, result: returnArg ? [returnArg] : [] }
  const check = (matches: readonly ArgumentMatch[], list: CelList) =>
    matches.flatMap((match) => checkMatch(match, at(match.positions, list), lists, document))
  const at = (positions: readonly number[], list: CelList) =>
    positions.map((position) => ({ list, position }))
  const ofSelectors = selectors.flatMap((selector) => [
    ...check(selector.args, 'args'),
    ...check(selector.data, 'data'),
    ...check(selector.returnArgs, 'result'),
    ...selector.expressions.flatMap((match) => {
      const operands = [...at(match.positions, 'args'), ...at(match.dataPositions, 'data')]
      return checkMatch(match, operands, lists, document)
    }),
    ...checkActions(selector, hook, document),
  ])
  return [...ofSelectors, ...checkWorkloads(hook, document)]
}

/** A record has a bit for each selector that may apply to an unknown workload. */
const workloadSelectorsMax = 32

function checkWorkloads({ selectors }: Hook, document: PolicyDocument): Diagnostic[] {
  const tested = selectors.find(({ workloads }) => matchSelection(workloads))?.workloads
  if (!tested || selectors.length <= workloadSelectorsMax) return []
  const message = `a hook with matchWorkloads can have ${workloadSelectorsMax} selectors`
  return [document.diagnose(tested.path, 'POLICY_LIMIT', message)]
}

function checkMatch(
  { path, test, written }: ArgumentMatch,
  operands: readonly Pick<Operand, 'list' | 'position'>[],
  lists: Readonly<Record<CelList, readonly Argument[]>>,
  document: PolicyDocument,
): Diagnostic[] {
  const operator = operatorOf(test)
  for (const operand of operands) {
    const facet = operator.needs(test, operand)
    const { type } = lists[operand.list][operand.position]
    if (!hasArgumentType(type) || argumentType(type).facets.includes(facet)) continue
    const message =
      `${written.operator} tests ${facetNames[facet]}, ` +
      `which arguments of type ${type} do not have`
    return [document.diagnose(`${path}.operator`, 'POLICY_OPERATOR', message)]
  }
  const isOfHost = test.operator === 'equal-string' && test.files !== undefined
  if (isOfHost && document.policy.namespace !== '') {
    const message = 'inode: names files of the host: a policy of a namespace cannot have it'
    return [document.diagnose(`${path}.values`, 'POLICY_SCOPE', message)]
  }
  const limit = operator.limit?.(test)
  if (limit !== undefined) return [document.diagnose(`${path}.values`, 'POLICY_LIMIT', limit)]
  return test.operator === 'in-map' ? checkLists(test.lists, path, document) : []
}

/** System calls in lists that this machine does not have. */
function checkLists(
  names: readonly string[],
  path: string,
  document: PolicyDocument,
): Diagnostic[] {
  return names.flatMap((name) => {
    const list = document.policy.lists.get(name)
    if (list?.type !== 'syscalls') return []
    return list.values.flatMap((text, i) => {
      if (listedNumber(listedSyscall(text)) !== undefined) return []
      const message = `${path} never matches ${text}: this machine has no such system call`
      const where = `${list.path}.values[${i}]`
      return [document.diagnose(where, 'POLICY_IGNORED', message, { severity: 'warning' })]
    })
  })
}

function checkActions(
  { actions, returnActions }: Selector,
  hook: Hook,
  document: PolicyDocument,
): Diagnostic[] {
  return [...actions, ...returnActions].flatMap((action) => {
    const { path } = action
    if (returnActions.includes(action) && actionCode(action)?.atEntryOnly) {
      const message = `${action.action} is executed at the function's entry: move it to matchActions`
      return [document.diagnose(`${path}.action`, 'POLICY_ACTION', message)]
    }
    const uses = actionCode(action)?.uses(action, hook) ?? []
    const late = uses.find((position) => hook.args[position]?.returnCopy)
    if (late === undefined || returnActions.includes(action)) return []
    const message = `argument ${late} has returnCopy: ${action.action} uses values of the entry only`
    return [document.diagnose(path, 'POLICY_ACTION', message)]
  })
}
