import { type Diagnostic, formatDiagnostic } from '@tetragon-ts/policy'
import type { HookCheck, PolicyCheck, Verdict, WayCheck } from './check-policy.ts'
import type { ActionCheck, KernelGuarantee } from './guarantee.ts'

/** A policy of a file on one kernel. */
export interface KernelCheck extends PolicyCheck {
  readonly kernel: string
  readonly file: string
}

/** Functions of a hook on one kernel, in words. */
export interface CheckRow {
  readonly policy: string
  /** `-` if the whole policy fails. */
  readonly hook: string
  readonly kernel: string
  readonly result: Verdict
  readonly backend: string
  readonly enforcement: string
}

/** An error or a warning, with the kernels that have it. */
export interface CheckNote {
  readonly diagnostic: Diagnostic
  readonly kernels: readonly string[]
}

const namesMax = 3

const guarantees: Readonly<Record<KernelGuarantee, string>> = {
  refuses: 'refuses the operation',
  can_be_missed: 'refuses the operation, can be missed',
  signals: 'after the operation may have begun',
  notifies: 'by another hook',
  writes: 'changes values',
  monitors: 'only monitors',
}

/** How each hook works on each kernel; policies without hooks are last. */
export function checkRows(checks: readonly KernelCheck[]): readonly CheckRow[] {
  const rows = checks.flatMap((check) => check.hooks.flatMap((hook) => rowsOf(check, hook)))
  const failed = checks.filter(({ hooks }) => hooks.length === 0)
  const whole = failed.map(({ policy, kernel }): CheckRow => {
    return { policy, hook: '-', kernel, result: 'fails', backend: '-', enforcement: '-' }
  })
  return [...rows, ...whole]
}

function rowsOf({ policy, kernel }: KernelCheck, hook: HookCheck): CheckRow[] {
  const { call, verdict, ways, missing, files } = hook
  const row = (backend: string, enforcement: string): CheckRow => {
    return { policy, hook: call, kernel, result: verdict, backend, enforcement }
  }
  if (verdict === 'fails') return [row('-', '-')]
  if (verdict === 'depends') return [row(`as ${named(files)} decides (--root)`, '-')]
  if (ways.length > 0) return ways.map((way) => row(backendOf(way), enforcementOf(way)))
  return [row(missing.length > 0 ? `none: no ${named(missing)}` : '-', '-')]
}

function named(all: readonly string[]): string {
  const more = all.length - namesMax
  return `${all.slice(0, namesMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function backendOf({ backend, functions }: WayCheck): string {
  return functions > 1 ? `${backend} (${functions} functions)` : backend
}

function enforcementOf({ enforcement }: WayCheck): string {
  const shown = enforcement.map(actionText)
  return shown.length === 0 ? '-' : [...new Set(shown)].join('; ')
}

function actionText({ action, means, guarantee }: ActionCheck): string {
  const by = means === undefined ? '' : ` by ${means}`
  return `${action}${by}: ${guarantees[guarantee]}`
}

/** Errors and warnings, each once with the kernels that have it. */
export function checkNotes(checks: readonly KernelCheck[]): readonly CheckNote[] {
  const found = new Map<string, { diagnostic: Diagnostic; kernels: Set<string> }>()
  for (const { kernel, hooks, problems } of checks) {
    for (const diagnostic of [...hooks.flatMap((hook) => hook.problems), ...problems]) {
      const text = formatDiagnostic(diagnostic)
      const note = found.get(text) ?? { diagnostic, kernels: new Set<string>() }
      note.kernels.add(kernel)
      found.set(text, note)
    }
  }
  return [...found.values()].map(({ diagnostic, kernels }) => ({
    diagnostic,
    kernels: [...kernels],
  }))
}
