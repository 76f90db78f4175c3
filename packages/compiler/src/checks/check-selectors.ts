import type {
  Argument,
  ArgumentMatch,
  CelList,
  Diagnostic,
  Hook,
  PolicyDocument,
  Selector,
} from '@tetragon-ts/policy'
import { actionCode } from '../actions/index.ts'
import { argumentType, hasArgumentType } from '../arguments/index.ts'
import { facetNames } from '../operators/facets.ts'
import { operatorOf } from '../operators/index.ts'
import type { Operand } from '../operators/operator.ts'
import { listedNumber, listedSyscall } from '../operators/syscall-lists.ts'
import { matchSelection } from '../workloads/workload-sets.ts'

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
