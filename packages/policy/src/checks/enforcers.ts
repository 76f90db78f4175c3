import type { Check } from '../arguments/check.ts'
import type { Enforcer, Hook, NamedList } from '../model/index.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'
import { findList, isFunctionName, isSyscallCall, listReference } from './lists.ts'

/** Lists of system calls; others have functions. */
const ofSyscalls: readonly NamedList['type'][] = ['syscalls', 'generated_syscalls']

/** Enforcers are limited to system calls and `security_*` functions. */
export function checkEnforcers(
  spec: SpecDocument,
  lists: ReadonlyMap<string, NamedList>,
  check: Check,
): Enforcer[] {
  const [, second] = spec.enforcers
  if (second !== undefined) {
    const message = 'a policy can have one item of enforcers: name all calls there'
    check.findings.error(second.at, 'POLICY_VALUE', message)
  }
  return spec.enforcers.map(({ calls, at }) => {
    if (calls.length === 0) {
      check.findings.error(`${at}.calls`, 'POLICY_MISSING_FIELD', 'calls is missing')
    }
    const hooks = calls.flatMap(
      (call, i) => enforcerHook(call, `${at}.calls[${i}]`, i, lists, check) ?? [],
    )
    return { path: at, hooks }
  })
}

/** @returns undefined if the call is invalid */
function enforcerHook(
  call: string,
  path: string,
  index: number,
  lists: ReadonlyMap<string, NamedList>,
  check: Check,
): Hook | undefined {
  const name = listReference(call)
  if (name === undefined) {
    if (isEnforceable(call)) return hookOf(call, path, index, isSyscallCall(call))
    const message = `${JSON.stringify(call)} is neither a system call (sys_NAME) nor security_*`
    check.findings.error(path, 'POLICY_CALL', message)
    return undefined
  }
  const list = findList(name, path, lists, check)
  if (list === undefined) return undefined
  const isOfSyscalls = ofSyscalls.includes(list.type)
  const other = isOfSyscalls ? undefined : list.values.find((each) => !isEnforceable(each))
  if (list.type === 'generated_ftrace' || other !== undefined) {
    const what =
      other === undefined ? 'is of type generated_ftrace' : `has ${JSON.stringify(other)}`
    const message = `the list ${JSON.stringify(name)} ${what}: enforcers are system calls or security_*`
    check.findings.error(path, 'POLICY_LIST', message)
    return undefined
  }
  return { ...hookOf(call, path, index, isOfSyscalls), list: name }
}

function isEnforceable(call: string): boolean {
  return isSyscallCall(call) || (isFunctionName(call) && call.startsWith('security_'))
}

function hookOf(call: string, path: string, index: number, syscall: boolean): Hook {
  return {
    section: 'kprobes',
    index,
    call,
    path,
    syscall,
    raw: false,
    isEnforcer: true,
    args: [],
    data: [],
    selectors: [],
    message: '',
    tags: [],
    ignoreCallNotFound: false,
  }
}
