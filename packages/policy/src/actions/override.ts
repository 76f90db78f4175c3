import { integer, list, string, uint64 } from '../fields/schema.ts'
import type { ActionContext, ActionDocumentWith, ActionFamily } from './action.ts'
import { parseAssignment, type RegisterAssignment } from './register-assignment.ts'

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

/** What happens instead of the function: one of these. */
export interface OverrideValues {
  /** Its result. */
  readonly error?: number
  /** Assignments to registers; none if the action has another form. */
  readonly registers: readonly RegisterAssignment[]
  readonly newSymbol?: string
  readonly newAddress?: bigint
  readonly newOffset?: bigint
}

/** Valid results of LSM hooks: -MAX_ERRNO to 0 (include/linux/err.h). */
const largestError = -4095

/** Tetragon's limit (REGS_MAX in its BPF programs), so that both accept the same policies. */
const assignmentsMax = 18

const targets = ['argNewSymbol', 'argNewAddr', 'argNewOffset'] as const
const uprobeFields = ['argRegs', ...targets] as const

/** A number of 0 does not count: Go programs write it for a missing one. */
function isSet(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length > 0
    : value !== undefined && value !== 0 && value !== 0n
}

function registersOf(document: Document, { check }: ActionContext): RegisterAssignment[] {
  const { at, argRegs } = document
  const found = new Map<string, RegisterAssignment>()
  const error = (where: string, message: string): void =>
    check.findings.error(`${at}.${where}`, 'POLICY_ACTION', message)
  if (argRegs.length > assignmentsMax) {
    error('argRegs', `${argRegs.length} register assignments: the maximum is ${assignmentsMax}`)
  }
  for (const [i, text] of argRegs.entries()) {
    const assignment = parseAssignment(text)
    if (!assignment) {
      const message =
        `invalid register assignment ${JSON.stringify(text)}: ` +
        'write rax=11, rbp=(%rsp), rip=8(%rsp) or rsp=8%rsp'
      error(`argRegs[${i}]`, message)
    } else if (found.has(assignment.register)) {
      error(`argRegs[${i}]`, `${assignment.register} is set twice`)
    } else {
      found.set(assignment.register, assignment)
    }
  }
  return [...found.values()]
}

type UprobeForm = 'argError' | (typeof uprobeFields)[number]

/** The fields that say what happens instead of a function in user space. */
function uprobeForms(document: Document): UprobeForm[] {
  const forms = (['argError', ...uprobeFields] as const).filter((name) => isSet(document[name]))
  return forms.length === 0 && document.argError === 0 ? ['argError'] : forms
}

/** Override of a uprobe requires exactly one of its forms. */
function checkForms(
  forms: readonly UprobeForm[],
  { at }: Document,
  { check: { findings } }: ActionContext,
): void {
  if (forms.length === 1) return
  const found = forms.length === 0 ? 'has none' : `has ${forms.join(' and ')}`
  const message =
    `Override ${found}: it requires exactly one of argError, argRegs, argNewSymbol, argNewAddr ` +
    'and argNewOffset'
  findings.error(at, 'POLICY_ACTION', message)
}

function uprobeValues(document: Document, context: ActionContext): OverrideValues {
  const forms = uprobeForms(document)
  checkForms(forms, document, context)
  const { argError, argNewSymbol, argNewAddr, argNewOffset } = document
  return {
    ...(forms.includes('argError') ? { error: argError } : {}),
    registers: registersOf(document, context),
    ...(forms.includes('argNewSymbol') ? { newSymbol: argNewSymbol } : {}),
    ...(forms.includes('argNewAddr') ? { newAddress: argNewAddr } : {}),
    ...(forms.includes('argNewOffset') ? { newOffset: argNewOffset } : {}),
  }
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
  if (context.section === 'uprobes') return uprobeValues(document, context)
  for (const name of uprobeFields) {
    if (!isSet(document[name])) continue
    const message = `${name} is for uprobes only`
    context.check.findings.error(`${document.at}.${name}`, 'POLICY_ACTION', message)
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
