import type { Check } from '../arguments/check.ts'
import type { Argument, Section } from '../model/index.ts'
import type { ArgumentDocument } from '../schema/argument.ts'
import { parseResolve } from './resolve-path.ts'

/** The list of the hook that contains an argument. */
export type ArgumentField = 'args' | 'data' | 'returnArg'

/** The hook that arguments belong to. */
export interface ArgumentHost {
  readonly section: Section
  /** kprobes and fentries: a system call. */
  readonly syscall: boolean
  /** tracepoints: raw. */
  readonly raw: boolean
}

/** Maximum number of arguments of a static probe: that of the macros in `<sys/sdt.h>`. */
export const usdtArgumentsMax = 12

/** Largest `index` of a hook's arguments, and who sets the limit; undefined: no limit. */
function indexLimit(host: ArgumentHost): readonly [number, string] | undefined {
  if (host.syscall) return [5, 'system calls have at most 6']
  if (host.section === 'uprobes') return [5, 'only the first 6 are in registers']
  if (host.section === 'usdts')
    return [usdtArgumentsMax - 1, `static probes have at most ${usdtArgumentsMax}`]
  if (host.section === 'tracepoints' && !host.raw) return undefined
  return [11, 'the kernel gives programs at most 12']
}

const needsType: readonly Section[] = ['kprobes', 'fentries', 'lsmhooks', 'uprobes']
const hasReturn: readonly Section[] = ['kprobes', 'fentries', 'uprobes']
const sized = ['char_buf', 'char_iovec', 'const_buf']

function checkType(
  document: ArgumentDocument,
  field: ArgumentField,
  host: ArgumentHost,
  { findings }: Check,
): void {
  const { type, at } = document
  const path = `${at}.type`
  const { section } = host
  if (type === 'auto' && needsType.includes(section)) {
    const message = `the type of the argument is missing: ${section} cannot derive it from the kernel`
    findings.error(path, 'POLICY_ARGUMENT', message)
  }
  if (type === 'syscall64' && section !== 'tracepoints') {
    findings.error(path, 'POLICY_ARGUMENT', `syscall64 is for tracepoints, not for ${section}`)
  }
  if (type === 'data_loc' && section !== 'tracepoints') {
    findings.error(path, 'POLICY_ARGUMENT', `data_loc is for tracepoints, not for ${section}`)
  }
  if (type === 'const_buf' && section === 'tracepoints') {
    const message = 'const_buf is derived from the format of the tracepoint: omit the type'
    findings.error(path, 'POLICY_ARGUMENT', message)
  }
  if (type === 'go_string' && (section !== 'uprobes' || field !== 'args')) {
    const message = 'go_string is only for args of uprobes: it is in registers of the ABI of Go'
    findings.error(path, 'POLICY_ARGUMENT', message)
  } else if (type === 'go_string' && (document.returnCopy || document.resolve !== undefined)) {
    const message = 'go_string is read as it is passed: without returnCopy and resolve'
    findings.error(path, 'POLICY_ARGUMENT', message)
  }
  checkSize(document, { findings })
  if (type === 'addrinfo' && section !== 'uprobes') {
    findings.error(path, 'POLICY_ARGUMENT', `addrinfo is only for uprobes, not for ${section}`)
  } else if (type === 'addrinfo' && (field !== 'args' || !document.returnCopy)) {
    const message = 'addrinfo needs returnCopy, in args: the list exists only after the call'
    findings.error(path, 'POLICY_ARGUMENT', message)
  }
}

function checkSize({ type, size, at }: ArgumentDocument, { findings }: Pick<Check, 'findings'>) {
  if (type === 'int32_arr' && size === 0) {
    const message = 'size is missing: int32_arr requires the number of elements'
    findings.error(`${at}.size`, 'POLICY_MISSING_FIELD', message)
  } else if (type !== 'int32_arr' && size !== 0) {
    findings.warning(`${at}.size`, 'POLICY_IGNORED', `only int32_arr has a size, ${type} does not`)
  }
}

function checkIndex(document: ArgumentDocument, host: ArgumentHost, { findings }: Check): void {
  const limit = indexLimit(host)
  if (limit === undefined || document.index <= limit[0]) return
  const message = `no argument ${document.index}: ${limit[1]}, counted from 0`
  findings.error(`${document.at}.index`, 'POLICY_INDEX', message)
}

/** Whether the argument can be read when the function returns. */
function readsAtReturn(
  { returnCopy, at }: ArgumentDocument,
  field: ArgumentField,
  { section }: ArgumentHost,
  { findings }: Check,
): boolean {
  if (!returnCopy) return false
  const possible = field === 'args' && hasReturn.includes(section)
  if (!possible) {
    const message = `returnCopy is for args of ${hasReturn.join(', ')}`
    findings.warning(`${at}.returnCopy`, 'POLICY_IGNORED', message)
  }
  return possible
}

function checkFlags(document: ArgumentDocument, { findings }: Check): void {
  const { at, type, maxData, returnCopy, sizeArgIndex } = document
  if (maxData && returnCopy) {
    findings.error(`${at}.maxData`, 'POLICY_ARGUMENT', 'maxData and returnCopy cannot be combined')
  } else if (maxData && type !== 'char_buf') {
    const message = `only char_buf supports maxData, ${type} does not`
    findings.warning(`${at}.maxData`, 'POLICY_IGNORED', message)
  }
  if (sizeArgIndex > 0 && !sized.includes(type) && type !== 'auto') {
    const message = `only buffers support sizeArgIndex, ${type} does not`
    findings.warning(`${at}.sizeArgIndex`, 'POLICY_IGNORED', message)
  }
}

function checkSource(document: ArgumentDocument, field: ArgumentField, { findings }: Check): void {
  const { at, source, resolve } = document
  if (field !== 'data') {
    if (source === undefined) return
    findings.error(`${at}.source`, 'POLICY_ARGUMENT', 'source is for items of data only')
    return
  }
  if (document.index !== 0) {
    const message = 'items of data are selected by source and resolve: index has no effect'
    findings.warning(`${at}.index`, 'POLICY_IGNORED', message)
  }
  if (source === 'pt_regs' && document.btfType !== undefined) {
    const message = 'resolve names a register here: btfType has no effect'
    findings.warning(`${at}.btfType`, 'POLICY_IGNORED', message)
  }
  if (source === undefined) {
    const message = 'source is missing: items of data require it'
    findings.error(`${at}.source`, 'POLICY_MISSING_FIELD', message)
  }
  if (resolve === undefined) {
    const message = 'resolve is missing: items of data require it'
    findings.error(`${at}.resolve`, 'POLICY_MISSING_FIELD', message)
  }
}

function resolveSteps(document: ArgumentDocument, { findings }: Check): (string | number)[] {
  const { resolve, at, btfType, btfTypeModule } = document
  if (btfTypeModule !== undefined && btfType === undefined) {
    findings.warning(`${at}.btfTypeModule`, 'POLICY_IGNORED', 'btfTypeModule requires btfType')
  }
  if (resolve === undefined) return []
  const steps = parseResolve(resolve)
  if (steps === undefined) {
    const message = `invalid path ${JSON.stringify(resolve)}: write members with dots and [NUMBER]`
    findings.error(`${at}.resolve`, 'POLICY_ARGUMENT', message)
  }
  return steps ?? []
}

/** Checks an argument, an item of data or a return value. */
export function checkArgument(
  document: ArgumentDocument,
  field: ArgumentField,
  host: ArgumentHost,
  check: Check,
): Argument {
  const { at, index, type, btfType, btfTypeModule, sizeArgIndex, source } = document
  checkType(document, field, host, check)
  if (field === 'args') checkIndex(document, host, check)
  if (field === 'returnArg' && index !== 0) {
    const message = 'returnArg is the only return value: index has no effect'
    check.findings.warning(`${at}.index`, 'POLICY_IGNORED', message)
  }
  checkFlags(document, check)
  checkSource(document, field, check)
  return {
    path: at,
    index,
    type,
    resolve: resolveSteps(document, check),
    ...(btfType === undefined ? {} : { btfType }),
    ...(btfTypeModule === undefined ? {} : { btfTypeModule }),
    ...(sizeArgIndex === 0 ? {} : { sizeIndex: sizeArgIndex - 1 }),
    ...(document.size === 0 || type !== 'int32_arr' ? {} : { elements: document.size }),
    returnCopy: readsAtReturn(document, field, host, check),
    maxData: document.maxData && type === 'char_buf',
    label: document.label ?? '',
    ...(source === undefined || field !== 'data' ? {} : { source }),
  }
}
