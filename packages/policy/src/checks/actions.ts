import type { ArgumentTypeName, Located } from '../model/index.ts'
import { argumentTypeFacts } from '../operators/argument-facts.ts'
import { type ActionDocument, type ActionName, actionFacts } from '../schema/action.ts'
import type { HookContext } from './hook-context.ts'
import { overrideAction } from './override.ts'
import { parseRateLimit } from './rate-limit.ts'

/** What an action says beside its name. Positions are those of the hook's `args`. */
export interface ActionValues {
  Post: {
    /** Nanoseconds between two events of one kind; 0: no limit. */
    readonly rateLimitNs: bigint
    readonly rateLimitScope: 'thread' | 'process' | 'global'
    readonly kernelStackTrace: boolean
    readonly userStackTrace: boolean
    readonly imaHash: boolean
  }
  NoPost: object
  Sigkill: object
  CleanupEnforcerNotification: object
  Signal: { readonly signal: number }
  Override: {
    readonly error: number
    readonly registers: readonly string[]
    readonly newSymbol?: string
    readonly newAddress?: bigint
    readonly newOffset?: bigint
  }
  GetUrl: { readonly url: string }
  DnsLookup: { readonly fqdn: string }
  FollowFD: { readonly fd: number; readonly name: number }
  UnfollowFD: { readonly fd: number; readonly name: number }
  CopyFD: { readonly fd: number; readonly name: number }
  TrackSock: { readonly sock: number }
  UntrackSock: { readonly sock: number }
  NotifyEnforcer: { readonly error: number; readonly signal: number }
  Set: { readonly index: number; readonly value: number }
}

/** What a match does: one of the actions `N`. */
export type Action<N extends ActionName = ActionName> = {
  readonly [A in N]: Located & { readonly action: A } & ActionValues[A]
}[N]

/** An argument that an action names by its place in `args`; checks that its type will do. */
function place(
  position: number,
  document: ActionDocument,
  field: string,
  needed: string,
  accepts: (type: ArgumentTypeName) => boolean,
  hook: HookContext,
): number {
  const { findings } = hook.check
  const path = `${document.at}.${field}`
  const argument = hook.args[position]
  if (argument === undefined) {
    const message = `no item ${position} in args, which has ${hook.args.length}`
    findings.error(path, 'POLICY_INDEX', message)
  } else if (!accepts(argument.type) && !hook.unreliable.has(argument)) {
    const message = `${document.action} needs ${needed} here, not ${argument.type}`
    findings.error(path, 'POLICY_ACTION', message)
  }
  return position
}

function isDescriptor(type: ArgumentTypeName): boolean {
  const { kind, bits } = argumentTypeFacts[type]
  return type === 'fd' || (kind === 'integer' && (bits === 32 || bits === 64))
}

function isName(type: ArgumentTypeName): boolean {
  const { kind } = argumentTypeFacts[type]
  return kind === 'file' || (kind === 'string' && type !== 'char_buf' && type !== 'net_device')
}

function isSock(type: ArgumentTypeName): boolean {
  return type === 'sock' || type === 'socket'
}

function needText(
  document: ActionDocument,
  field: 'argUrl' | 'argFqdn',
  hook: HookContext,
): string {
  const text = document[field] ?? ''
  if (text === '') missing(document, field, hook)
  return text
}

/** The agent requests over HTTP alone. */
function checkUrl(text: string, at: string, { check }: HookContext): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : ''
  if (text === '' || /^https?:$/.test(protocol)) return text
  const message = `${JSON.stringify(text)} is not an address of http or https`
  check.findings.error(`${at}.argUrl`, 'POLICY_VALUE', message)
  return text
}

function missing(document: ActionDocument, field: string, { check }: HookContext): void {
  const message = `${field} is missing: ${document.action} requires it`
  check.findings.error(`${document.at}.${field}`, 'POLICY_MISSING_FIELD', message)
}

function checkSignal(document: ActionDocument, { check }: HookContext): number {
  const signal = document.argSig ?? 0
  if (signal > 64 || (signal === 0 && document.argSig !== undefined)) {
    const message = `invalid signal ${signal} (1 to 64)`
    check.findings.error(`${document.at}.argSig`, 'POLICY_RANGE', message)
  }
  return signal
}

/** LSM hooks of files that IMA can hash (kernel/bpf/bpf_lsm.c, the sleepable ones). */
const imaHooks: readonly string[] = [
  'bprm_check_security',
  'bprm_committed_creds',
  'bprm_committing_creds',
  'bprm_creds_for_exec',
  'bprm_creds_from_file',
  'file_ioctl',
  'file_lock',
  'file_open',
  'file_post_open',
  'file_receive',
  'mmap_file',
]

function postAction(document: ActionDocument, hook: HookContext, when: When): Action {
  const { findings } = hook.check
  const { at, rateLimit, rateLimitScope, imaHash } = document
  let rateLimitNs = 0n
  if (rateLimit !== undefined && rateLimit !== '') {
    const parsed = parseRateLimit(rateLimit)
    if (parsed === undefined) {
      const message = `invalid time ${JSON.stringify(rateLimit)}: write a number and s, m or h`
      findings.error(`${at}.rateLimit`, 'POLICY_VALUE', message)
    }
    if (parsed === 0n) {
      findings.warning(`${at}.rateLimit`, 'POLICY_IGNORED', 'a time of 0 has no effect')
    }
    rateLimitNs = parsed ?? 0n
  } else if (rateLimitScope !== undefined) {
    findings.warning(`${at}.rateLimitScope`, 'POLICY_IGNORED', 'rateLimitScope requires rateLimit')
  }
  const isFunction = hook.section === 'kprobes' || hook.section === 'fentries'
  const stacks = isFunction && when === 'entry'
  for (const field of ['kernelStackTrace', 'userStackTrace'] as const) {
    if (!document[field]) continue
    const path = `${at}.${field}`
    if (!isFunction) {
      findings.warning(path, 'POLICY_IGNORED', 'only kprobes and fentries have stacks')
    } else if (!stacks) {
      const message = "stacks are taken at the function's entry: move this to matchActions"
      findings.warning(path, 'POLICY_IGNORED', message)
    }
  }
  if (imaHash && !(hook.section === 'lsmhooks' && imaHooks.includes(hook.call))) {
    const message = 'imaHash is for LSM hooks of files'
    findings.error(`${at}.imaHash`, 'POLICY_ACTION', message, { allowed: imaHooks })
  }
  return {
    path: at,
    action: 'Post',
    rateLimitNs,
    rateLimitScope: rateLimitScope ?? 'thread',
    kernelStackTrace: document.kernelStackTrace && stacks,
    userStackTrace: document.userStackTrace && stacks,
    imaHash,
  }
}

function descriptorAction(
  action: 'FollowFD' | 'UnfollowFD' | 'CopyFD',
  document: ActionDocument,
  hook: HookContext,
): Action {
  const { at } = document
  const descriptor = 'a file descriptor (int, fd)'
  if (action !== 'UnfollowFD' && document.argName === undefined) missing(document, 'argName', hook)
  const fd = place(document.argFd ?? 0, document, 'argFd', descriptor, isDescriptor, hook)
  const name = document.argName ?? fd
  if (document.argName !== undefined && action === 'FollowFD') {
    place(name, document, 'argName', 'a file, path or string', isName, hook)
  } else if (document.argName !== undefined && action === 'CopyFD') {
    place(name, document, 'argName', descriptor, isDescriptor, hook)
  }
  return { path: at, action, fd, name }
}

function notifyAction(document: ActionDocument, hook: HookContext): Action {
  const { at, argError, argSig } = document
  const { findings } = hook.check
  if (argError === undefined && argSig === undefined) {
    const message = 'argError and argSig are missing: NotifyEnforcer requires one of them'
    findings.error(at, 'POLICY_MISSING_FIELD', message)
  }
  if (hook.spec.enforcers.length === 0) {
    const message = 'NotifyEnforcer requires spec.enforcers'
    findings.error(`${at}.action`, 'POLICY_ACTION', message)
  }
  const signal = checkSignal(document, hook)
  return { path: at, action: 'NotifyEnforcer', error: argError ?? 0, signal }
}

/** Actions that belong to the event: requests are made when it is written. */
const withTheEvent: readonly ActionDocument['action'][] = ['Post', 'GetUrl', 'DnsLookup']

/** Warns about actions that others of the same selector leave without effect. */
export function checkTogether(documents: readonly ActionDocument[], { check }: HookContext): void {
  if (!documents.some(({ action }) => action === 'NoPost')) return
  for (const { action, at } of documents) {
    if (!withTheEvent.includes(action)) continue
    const message = `${action} is executed when the event is posted: with NoPost it has no effect`
    check.findings.warning(`${at}.action`, 'POLICY_IGNORED', message)
  }
}

/** Fields of other actions are warnings; a rate limit that has no effect is an error. */
function checkFields(document: ActionDocument, { check }: HookContext): void {
  const { fields } = actionFacts[document.action]
  for (const [name, value] of Object.entries(document)) {
    if (name === 'at' || name === 'action' || fields.some((field) => field === name)) continue
    const set = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
    if (!set) continue
    const message = `${document.action} does not use ${name}`
    const path = `${document.at}.${name}`
    if (name === 'rateLimit') check.findings.error(path, 'POLICY_ACTION', message)
    else check.findings.warning(path, 'POLICY_IGNORED', message)
  }
}

/** Whether an action is one of `matchActions` or of `matchReturnActions`. */
type When = 'entry' | 'return'

/** Checks an action of a hook. */
export function checkAction(
  document: ActionDocument,
  hook: HookContext,
  when: When = 'entry',
): Action | undefined {
  const { check } = hook
  if (check.isBroken(document)) return undefined
  const { action, at } = document
  const { sections } = actionFacts[action]
  if (!sections.includes(hook.section)) {
    const message = `${action} is not possible in ${hook.section}, only in ${sections.join(', ')}`
    check.findings.error(`${at}.action`, 'POLICY_ACTION', message)
    return undefined
  }
  checkFields(document, hook)
  switch (action) {
    case 'Post':
      return postAction(document, hook, when)
    case 'NoPost':
    case 'Sigkill':
    case 'CleanupEnforcerNotification':
      return { path: at, action }
    case 'Signal':
      if (document.argSig === undefined) missing(document, 'argSig', hook)
      return { path: at, action, signal: checkSignal(document, hook) }
    case 'Override':
      return overrideAction(document, hook)
    case 'GetUrl':
      return { path: at, action, url: checkUrl(needText(document, 'argUrl', hook), at, hook) }
    case 'DnsLookup':
      return { path: at, action, fqdn: needText(document, 'argFqdn', hook) }
    case 'FollowFD':
    case 'UnfollowFD':
    case 'CopyFD':
      return descriptorAction(action, document, hook)
    case 'TrackSock':
    case 'UntrackSock': {
      const position = document.argSock ?? 0
      return {
        path: at,
        action,
        sock: place(position, document, 'argSock', 'a sock', isSock, hook),
      }
    }
    case 'NotifyEnforcer':
      return notifyAction(document, hook)
    case 'Set':
      if (document.argValue === undefined) missing(document, 'argValue', hook)
      return { path: at, action, index: document.argIndex ?? 0, value: document.argValue ?? 0 }
  }
}
