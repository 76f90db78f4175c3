import type { Check } from '../arguments/check.ts'
import type { Argument, Hook, NamedList, Section } from '../model/index.ts'
import type { ArgumentDocument } from '../schema/argument.ts'
import type { KprobeDocument, LsmHookDocument, TracepointDocument } from '../schema/hooks.ts'
import type { SelectorDocument } from '../schema/selector.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'
import { type ArgumentField, type ArgumentHost, checkArgument } from './arguments.ts'
import { findList, isFunctionName, isSyscallCall, listReference } from './lists.ts'
import { checkRacy } from './racy.ts'
import { checkReached, checkSelector } from './selectors.ts'
import { checkMessage, checkTags } from './texts.ts'

/** Context of all hook checks. */
export interface PolicyContext {
  readonly spec: SpecDocument
  readonly lists: ReadonlyMap<string, NamedList>
  readonly check: Check
}

/** Fields that hooks of all sections have or may have. */
interface HookDocument {
  readonly at: string
  readonly args: readonly ArgumentDocument[]
  readonly data?: readonly ArgumentDocument[]
  readonly return?: boolean
  readonly returnArg?: ArgumentDocument | undefined
  readonly selectors: readonly SelectorDocument[]
  readonly message: string | undefined
  readonly tags: readonly string[]
}

/** Differences between the sections. */
export interface HookIdentity {
  readonly section: Section
  readonly index: number
  readonly call: string
  readonly list?: string
  readonly syscall?: boolean
  readonly raw?: boolean
}

function checkReturnArg(
  document: HookDocument,
  host: ArgumentHost,
  check: Check,
  mark: (argument: Argument, document: ArgumentDocument) => void,
): Argument | undefined {
  const { returnArg, at } = document
  if (document.return !== true) {
    // Older Go programs write an empty one.
    const isGiven = returnArg !== undefined && returnArg.type !== 'auto'
    if (isGiven && document.return === false) {
      const message = 'returnArg has no effect without return: true'
      check.findings.warning(`${at}.returnArg`, 'POLICY_IGNORED', message, { key: true })
    }
    return undefined
  }
  if (returnArg === undefined) {
    const message = 'returnArg is missing: return: true requires it'
    check.findings.error(`${at}.returnArg`, 'POLICY_MISSING_FIELD', message)
    return undefined
  }
  const argument = readArgument(returnArg, 'returnArg', host, check)
  mark(argument, returnArg)
  return argument
}

/** Of an invalid argument only the remaining fields are checked: its type may be a placeholder. */
function readArgument(
  document: ArgumentDocument,
  place: ArgumentField,
  host: ArgumentHost,
  check: Check,
): Argument {
  const checked = check.isBroken(document) ? { ...document, type: 'nop' as const } : document
  return checkArgument(checked, place, host, check)
}

/** Checks the common parts of all hooks: arguments, selectors, message and tags. */
export function checkHook(
  document: HookDocument,
  identity: HookIdentity,
  { spec, lists, check }: PolicyContext,
): Hook {
  const { section, index, call, list, syscall = false, raw = false } = identity
  const host = { section, syscall, raw }
  const unreliable = new Set<Argument>()
  const mark = (argument: Argument, written: ArgumentDocument): void => {
    if (check.isBroken(written)) unreliable.add(argument)
  }
  const read = (documents: readonly ArgumentDocument[], place: ArgumentField): Argument[] =>
    documents.map((written) => {
      const argument = readArgument(written, place, host, check)
      mark(argument, written)
      return argument
    })
  const args = read(document.args, 'args')
  const data = read(document.data ?? [], 'data')
  const returnArg = checkReturnArg(document, host, check, mark)
  const members: Argument[] = []
  const context = { section, call, args, data, returnArg, members, unreliable, lists, spec, check }
  const selectors = document.selectors.map((selector) => checkSelector(selector, context))
  checkReached(selectors, check)
  const hook: Hook = {
    path: document.at,
    section,
    index,
    call,
    ...(list === undefined ? {} : { list }),
    syscall,
    raw,
    args,
    data: [...data, ...members],
    ...(returnArg === undefined ? {} : { returnArg }),
    selectors,
    message: checkMessage(document.message, document.at, check),
    tags: checkTags(document.tags, document.at, check),
    ignoreCallNotFound: false,
  }
  checkRacy(hook, check)
  return hook
}

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
