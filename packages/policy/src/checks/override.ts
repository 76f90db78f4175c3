import type { Action } from '../model/index.ts'
import type { ActionDocument } from '../schema/action.ts'
import type { HookContext } from './hook-context.ts'

/** The kernel takes results of LSM hooks from -MAX_ERRNO to 0 (include/linux/err.h). */
const largestError = -4095

/** `rax=11`, `rbp=(%rsp)`, `rip=8(%rsp)` or `rsp=8%rsp`. */
const assignment =
  /^[a-z][a-z0-9]*=(?:-?(?:0x[\da-fA-F]+|\d+)|(?:-?(?:0x[\da-fA-F]+|\d+))?(?:\(%[a-z][a-z0-9]*\)|%[a-z][a-z0-9]*))$/

const targets = ['argNewSymbol', 'argNewAddr', 'argNewOffset'] as const
const uprobeFields = ['argRegs', ...targets] as const

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== ''
}

function checkRegisters(document: ActionDocument, { check }: HookContext): void {
  for (const [i, text] of document.argRegs.entries()) {
    if (assignment.test(text)) continue
    const message =
      `invalid register assignment ${JSON.stringify(text)}: ` +
      'write rax=11, rbp=(%rsp), rip=8(%rsp) or rsp=8%rsp'
    check.findings.error(`${document.at}.argRegs[${i}]`, 'POLICY_ACTION', message)
  }
}

/** A uprobe is overridden in exactly one way. */
function checkUprobe(document: ActionDocument, hook: HookContext): void {
  const { findings } = hook.check
  const ways = (['argError', ...uprobeFields] as const).filter((name) => isSet(document[name]))
  if (ways.length !== 1) {
    const found = ways.length === 0 ? 'has none' : `has ${ways.join(' and ')}`
    const message =
      `Override ${found}: it requires exactly one of argError, argRegs, argNewSymbol, argNewAddr ` +
      'and argNewOffset'
    findings.error(document.at, 'POLICY_ACTION', message)
  }
  checkRegisters(document, hook)
}

function checkResult(document: ActionDocument, { section, check }: HookContext): number {
  const { at, argError } = document
  if (argError === undefined) {
    const message = 'argError is missing: the function will return 0 (success)'
    check.findings.warning(at, 'POLICY_ACTION', message)
    return 0
  }
  if (section !== 'lsmhooks' || (argError <= 0 && argError >= largestError)) return argError
  const error = argError > 0 ? 0 : largestError
  const message = `LSM hooks return ${largestError} to 0: ${argError} becomes ${error}`
  check.findings.warning(`${at}.argError`, 'POLICY_RANGE', message)
  return error
}

/** Checks an Override action. */
export function overrideAction(document: ActionDocument, hook: HookContext): Action {
  const { at, argRegs, argNewSymbol, argNewAddr, argNewOffset } = document
  if (hook.section === 'uprobes') {
    checkUprobe(document, hook)
    return {
      path: at,
      action: 'Override',
      error: document.argError ?? 0,
      registers: argRegs,
      ...(isSet(argNewSymbol) ? { newSymbol: argNewSymbol } : {}),
      ...(argNewAddr === undefined ? {} : { newAddress: argNewAddr }),
      ...(argNewOffset === undefined ? {} : { newOffset: argNewOffset }),
    }
  }
  for (const name of uprobeFields) {
    if (!isSet(document[name])) continue
    const message = `${name} is for uprobes only`
    hook.check.findings.error(`${at}.${name}`, 'POLICY_ACTION', message)
  }
  return { path: at, action: 'Override', error: checkResult(document, hook), registers: [] }
}
