import { isSyscallAbi } from '@tetragon-ts/api'
import type { Check } from '../arguments/check.ts'
import type { NamedList } from '../model/index.ts'
import { compileRegExp, RegExpError } from '../regexp/regexp.ts'
import type { ListDocument, SpecDocument } from '../schema/tracing-policy.ts'

const functionName = /^[A-Za-z_][\w.$]*$/
const prefix = 'list:'

/** The name after `list:`; undefined if the text is not a reference. */
export function listReference(text: string): string | undefined {
  return text.startsWith(prefix) ? text.slice(prefix.length) : undefined
}

/** Whether the text is a valid symbol of a function. */
export function isFunctionName(text: string): boolean {
  return functionName.test(text)
}

/** Whether the text is a system call: `sys_read`, `__x64_sys_read`, `i386/sys_read`. */
export function isSyscallCall(text: string): boolean {
  const [abi, name] = text.includes('/') ? text.split('/', 2) : [undefined, text]
  if (abi !== undefined && !isSyscallAbi(abi)) return false
  return isFunctionName(name) && /(?:^|_)sys_\w/.test(name)
}

function checkPattern(list: ListDocument, { findings }: Check): void {
  const { pattern, at } = list
  if (list.type !== 'generated_ftrace') {
    if (pattern !== undefined) {
      findings.warning(`${at}.pattern`, 'POLICY_IGNORED', 'only generated_ftrace uses a pattern')
    }
    return
  }
  if (pattern === undefined) {
    const message = 'pattern is missing: generated_ftrace requires one'
    findings.error(`${at}.pattern`, 'POLICY_MISSING_FIELD', message)
    return
  }
  try {
    compileRegExp(pattern)
  } catch (error) {
    if (!(error instanceof RegExpError)) throw error
    findings.error(`${at}.pattern`, 'POLICY_VALUE', `invalid pattern: ${error.message}`)
  }
}

function checkValues(list: ListDocument, { findings }: Check): void {
  const { values, at, type } = list
  const generated = type === 'generated_syscalls' || type === 'generated_ftrace'
  if (generated && values.length > 0) {
    const message = `a list of type ${type} is filled by the agent: its values have no effect`
    findings.warning(`${at}.values`, 'POLICY_IGNORED', message)
    return
  }
  if (!generated && values.length === 0) {
    findings.error(`${at}.values`, 'POLICY_MISSING_FIELD', 'values is missing: the list is empty')
  }
  for (const [i, value] of values.entries()) {
    if (type === 'syscalls' ? isSyscallCall(value) : isFunctionName(value)) continue
    const what =
      type === 'syscalls'
        ? 'a system call: write sys_NAME or ABI/sys_NAME (x64, i386, arm64, arm32)'
        : 'the name of a function'
    const message = `${JSON.stringify(value)} is not ${what}`
    findings.error(`${at}.values[${i}]`, 'POLICY_CALL', message)
  }
}

/** Checks `spec.lists`; of two lists with the same name the first counts. */
export function checkLists(spec: SpecDocument, check: Check): ReadonlyMap<string, NamedList> {
  const lists = new Map<string, NamedList>()
  for (const list of spec.lists) {
    const { name, at, values, pattern } = list
    const type: NamedList['type'] = list.type === '' ? 'functions' : list.type
    const entry: NamedList = { path: at, name, type, values }
    if (!check.isBroken(list)) {
      checkPattern(list, check)
      checkValues(list, check)
      if (lists.has(name)) {
        const message = `duplicate list ${JSON.stringify(name)}`
        check.findings.error(`${at}.name`, 'POLICY_LIST', message)
        continue
      }
    }
    lists.set(name, pattern === undefined ? entry : { ...entry, pattern })
  }
  return lists
}

/** Finds the list of a reference `list:NAME`; reports an error if there is none. */
export function findList(
  name: string,
  path: string,
  lists: ReadonlyMap<string, NamedList>,
  { findings }: Check,
): NamedList | undefined {
  const list = lists.get(name)
  if (list === undefined) {
    const message = `no list ${JSON.stringify(name)} in spec.lists`
    findings.error(path, 'POLICY_LIST', message, { allowed: [...lists.keys()], given: name })
  }
  return list
}
