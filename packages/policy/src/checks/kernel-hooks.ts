import type { Hook } from '../model/index.ts'
import type { KprobeDocument, LsmHookDocument, TracepointDocument } from '../schema/hooks.ts'
import { checkHook, type PolicyContext } from './hooks.ts'
import { findList, isFunctionName, isSyscallCall, listReference } from './lists.ts'

/**
 * Checks that a list is suitable for the hook.
 * @returns whether the hook is of system calls
 *
 * `syscall` is true by default, and the API server writes that default into stored policies. So
 * true has no meaning if the call, or the list, can only be functions.
 */
function checkListCall(
  name: string,
  { at, syscall }: KprobeDocument,
  { lists, check }: PolicyContext,
): boolean {
  const path = `${at}.call`
  const list = findList(name, path, lists, check)
  if (list === undefined) return syscall
  const holdsSyscalls = list.type === 'syscalls' || list.type === 'generated_syscalls'
  if (holdsSyscalls === syscall) return syscall
  if (holdsSyscalls) {
    const message = `the list ${JSON.stringify(name)} contains system calls: syscall must be true`
    check.findings.error(path, 'POLICY_LIST', message)
  } else {
    const message =
      `the list ${JSON.stringify(name)} contains functions and is hooked as such: ` +
      'write syscall: false'
    check.findings.warning(path, 'POLICY_LIST', message)
  }
  return holdsSyscalls
}

/** The same for a single function. */
function checkCall({ call, at, syscall }: KprobeDocument, { check }: PolicyContext): boolean {
  const path = `${at}.call`
  if (!isFunctionName(call)) {
    const message = `${JSON.stringify(call)} is not the name of a function`
    check.findings.error(path, 'POLICY_CALL', message)
  } else if (syscall && !isSyscallCall(call)) {
    const message =
      `${call} is not a system call (sys_NAME) and is hooked as a function: ` +
      'write syscall: false'
    check.findings.warning(path, 'POLICY_CALL', message)
    return false
  }
  return syscall
}

function checkReturnAction(
  { returnArgAction, at }: KprobeDocument,
  { returnArg }: Hook,
  { check }: PolicyContext,
): void {
  if (returnArgAction === undefined) return
  const path = `${at}.returnArgAction`
  if (returnArg === undefined) {
    check.findings.error(
      path,
      'POLICY_RETURN',
      'returnArgAction requires return: true and returnArg',
    )
  } else if (returnArg.type !== 'sock' && returnArg.type !== 'socket') {
    const message = `${returnArgAction} requires a sock, the return value is of type ${returnArg.type}`
    check.findings.error(path, 'POLICY_ACTION', message)
  }
}

/** Checks an item of kprobes or fentries. */
export function checkKprobe(
  document: KprobeDocument,
  section: 'kprobes' | 'fentries',
  index: number,
  context: PolicyContext,
): Hook {
  const { call } = document
  const list = listReference(call)
  const syscall =
    list === undefined ? checkCall(document, context) : checkListCall(list, document, context)
  const identity = { section, index, call, syscall, ...(list === undefined ? {} : { list }) }
  const hook = checkHook(document, identity, context)
  checkReturnAction(document, hook, context)
  const { returnArgAction } = document
  return {
    ...hook,
    ...(returnArgAction === undefined ? {} : { returnArgAction }),
    ignoreCallNotFound: document.ignore?.callNotFound ?? false,
  }
}

const tracepointName = /^[A-Za-z0-9_][\w.-]*$/

/** Checks an item of tracepoints. */
export function checkTracepoint(
  document: TracepointDocument,
  index: number,
  context: PolicyContext,
): Hook {
  const { subsystem, event, raw, at } = document
  for (const name of ['subsystem', 'event'] as const) {
    if (tracepointName.test(document[name])) continue
    const message = `${JSON.stringify(document[name])} is not the name of a tracepoint`
    context.check.findings.error(`${at}.${name}`, 'POLICY_CALL', message)
  }
  const call = `${subsystem}/${event}`
  const hook = checkHook(document, { section: 'tracepoints', index, call, raw }, context)
  const fields = [...hook.args, ...hook.data].filter(({ source }) => source === undefined)
  for (const { resolve, path: argument, named } of raw ? [] : fields) {
    if (resolve.length === 0) continue
    const path = named ? named.path : `${argument}.resolve`
    const message = `${named ? 'members require' : 'resolve requires'} a raw tracepoint: set raw: true`
    context.check.findings.error(path, 'POLICY_ARGUMENT', message)
  }
  return hook
}

/** Checks an item of lsmhooks. */
export function checkLsmHook(
  document: LsmHookDocument,
  index: number,
  context: PolicyContext,
): Hook {
  const call = document.hook
  const { findings } = context.check
  const path = `${document.at}.hook`
  if (/^(?:bpf_lsm|security)_/.test(call)) {
    const suggestion = call.replace(/^(?:bpf_lsm|security)_/, '')
    findings.error(path, 'POLICY_CALL', 'names of LSM hooks have no prefix', { suggestion })
  } else if (!isFunctionName(call)) {
    const message = `${JSON.stringify(call)} is not the name of an LSM hook`
    findings.error(path, 'POLICY_CALL', message)
  }
  return checkHook(document, { section: 'lsmhooks', index, call }, context)
}
