import type {
  ActionCheck,
  HookCheck,
  KernelGuarantee,
  PolicyCheck,
  WayCheck,
} from '@tetragon-ts/compiler/kernel-description'
import type { Diagnostic } from '@tetragon-ts/policy'
import { tableLines } from '../table.ts'

/** A policy of a file on one kernel. */
export interface KernelCheck extends PolicyCheck {
  readonly kernel: string
  readonly file: string
}

const header = ['POLICY', 'HOOK', 'KERNEL', 'RESULT', 'BACK END', 'ENFORCEMENT']
const namesMax = 3

const guarantees: Readonly<Record<KernelGuarantee, string>> = {
  refuses: 'refuses the operation',
  can_be_missed: 'refuses the operation, can be missed',
  signals: 'after the operation may have begun',
  notifies: 'by another hook',
  writes: 'changes values',
  monitors: 'only monitors',
}

/** A table of hooks by kernel, and then why some do not work, or can be missed. */
export function checkReport(checks: readonly KernelCheck[]): string {
  const rows = checks.flatMap((check) => check.hooks.flatMap((hook) => rowsOf(check, hook)))
  const failed = checks.filter(({ hooks }) => hooks.length === 0)
  rows.push(...failed.map(({ policy, kernel }) => [policy, '-', kernel, 'fails', '-', '-']))
  const notes = notesOf(checks)
  const lines = [...tableLines([header, ...rows]), ...(notes.length > 0 ? ['', ...notes] : [])]
  return `${lines.join('\n')}\n`
}

function rowsOf({ policy, kernel }: KernelCheck, hook: HookCheck): string[][] {
  const { call, verdict, ways, missing, files } = hook
  const cell = (backend: string, enforcement: string) => {
    return [policy, call, kernel, verdict, backend, enforcement]
  }
  if (verdict === 'fails') return [cell('-', '-')]
  if (verdict === 'depends') return [cell(`as ${named(files)} decides (--root)`, '-')]
  if (ways.length > 0) return ways.map((way) => cell(backendOf(way), enforcementOf(way)))
  return [cell(missing.length > 0 ? `none: no ${named(missing)}` : '-', '-')]
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

/** Findings, each once with the kernels that have it. */
function notesOf(checks: readonly KernelCheck[]): string[] {
  const kernelsOf = new Map<string, Set<string>>()
  const add = (text: string, kernel: string) => {
    const kernels = kernelsOf.get(text) ?? new Set()
    kernelsOf.set(text, kernels.add(kernel))
  }
  for (const { kernel, hooks, problems } of checks) {
    const all = [...hooks.flatMap((hook) => hook.problems), ...problems]
    for (const each of all) add(noteOf(each), kernel)
  }
  return [...kernelsOf].flatMap(([text, kernels]) => [text, `  on ${[...kernels].join(', ')}`])
}

function noteOf({ file, line, column, severity, message, suggestion }: Diagnostic): string {
  const hint = suggestion === undefined ? '' : `; did you mean "${suggestion}"?`
  return `${file}:${line}:${column}: ${severity}: ${message}${hint}`
}
