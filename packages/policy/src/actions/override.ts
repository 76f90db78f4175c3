import { integer, list, string, uint64 } from '../schema/schema.ts'
import type { ActionContext, ActionDocumentWith, ActionFamily } from './action.ts'

const int32Min = -(2 ** 31)
const int32Max = 2 ** 31 - 1

export const resultFields = {
  argError: integer(
    'Override, NotifyEnforcer: result that the function returns, such as -1 for EPERM.',
    int32Min,
    int32Max,
  ),
}
const fields = {
  ...resultFields,
  argRegs: list(
    'Override of a uprobe: registers to set, such as `rax=11` or `rip=8(%rsp)`.',
    string('Assignment to a register.'),
  ),
  argNewSymbol: string('Override of a uprobe: symbol where execution continues.'),
  argNewAddr: uint64('Override of a uprobe: address where execution continues.'),
  argNewOffset: uint64('Override of a uprobe: offset in the file where execution continues.'),
}
type Document = ActionDocumentWith<typeof fields>

/** What a function returns, or a process does, instead of the function. */
export interface OverrideValues {
  readonly error: number
  readonly registers: readonly string[]
  readonly newSymbol?: string
  readonly newAddress?: bigint
  readonly newOffset?: bigint
}

/** Valid results of LSM hooks: -MAX_ERRNO to 0 (include/linux/err.h). */
const largestError = -4095

/** `rax=11`, `rbp=(%rsp)`, `rip=8(%rsp)` or `rsp=8%rsp`. */
const assignment =
  /^[a-z][a-z0-9]*=(?:-?(?:0x[\da-fA-F]+|\d+)|(?:-?(?:0x[\da-fA-F]+|\d+))?(?:\(%[a-z][a-z0-9]*\)|%[a-z][a-z0-9]*))$/

const targets = ['argNewSymbol', 'argNewAddr', 'argNewOffset'] as const
const uprobeFields = ['argRegs', ...targets] as const

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== ''
}

function checkRegisters(document: Document, { check }: ActionContext): void {
  for (const [i, text] of document.argRegs.entries()) {
    if (assignment.test(text)) continue
    const message =
      `invalid register assignment ${JSON.stringify(text)}: ` +
      'write rax=11, rbp=(%rsp), rip=8(%rsp) or rsp=8%rsp'
    check.findings.error(`${document.at}.argRegs[${i}]`, 'POLICY_ACTION', message)
  }
}

/** Override of a uprobe requires exactly one of these fields. */
function checkUprobe(document: Document, hook: ActionContext): void {
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

function checkResult(document: Document, { section, check }: ActionContext): number {
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

function overrideValues(document: Document, context: ActionContext): OverrideValues {
  if (context.when === 'return') {
    const message = 'Override decides before the function runs: it is not possible at the return'
    context.check.findings.error(`${document.at}.action`, 'POLICY_ACTION', message)
  }
  const { at, argRegs, argNewSymbol, argNewAddr, argNewOffset } = document
  if (context.section === 'uprobes') {
    checkUprobe(document, context)
    return {
      error: document.argError ?? 0,
      registers: argRegs,
      ...(argNewSymbol === undefined || argNewSymbol === '' ? {} : { newSymbol: argNewSymbol }),
      ...(argNewAddr === undefined ? {} : { newAddress: argNewAddr }),
      ...(argNewOffset === undefined ? {} : { newOffset: argNewOffset }),
    }
  }
  for (const name of uprobeFields) {
    if (!isSet(document[name])) continue
    const message = `${name} is for uprobes only`
    context.check.findings.error(`${at}.${name}`, 'POLICY_ACTION', message)
  }
  return { error: checkResult(document, context), registers: [] }
}

export const overrideActions = {
  Override: {
    effect: 'enforce',
    sections: ['kprobes', 'lsmhooks', 'uprobes'],
    fields,
    crdPosition: 3,
    doc: 'Returns a value instead of running the function.',
    check: overrideValues,
  },
} satisfies ActionFamily
