import { appendFileSync } from 'node:fs'

/** A named part of a test run and its duration. */
export interface Part {
  readonly name: string
  readonly durationMs: number
  readonly failed: boolean
  /** Texts about the tests that failed, if the part has tests. */
  readonly failures?: readonly string[]
}

/** File that parts are appended to, if set: CI collects the parts of all its commands there. */
export const partsVariable = 'TEST_PARTS'

/**
 * Time budgets of parts on a fast day in minutes, by the first words of their names. A part that
 * takes longer does not fail, since machines differ; the table shows both (docs/contributing.md).
 */
export const budgets: Readonly<Record<string, number>> = {
  setup: 0.5,
  check: 0.5,
  unit: 2,
  host: 6,
  'cluster programs': 4,
  'cluster tests': 8,
  'kernel 6.12': 12,
  kernel: 9,
}

function budgetOf(name: string): string {
  const key = Object.keys(budgets).find((start) => name.startsWith(start))
  return key === undefined ? '' : duration(budgets[key] * 60_000)
}

/** One line for each part, in order; parts may run in parallel, so the sum is meaningless. */
export function partsTable(parts: readonly Part[]): string {
  const lines = parts.map((part) => [part.name, took(part), budgetOf(part.name)])
  const rows = [['part', 'took', 'budget'], ...lines]
  const width = (column: number) => Math.max(...rows.map((row) => row[column].length))
  const widths = [width(0), width(1)]
  return rows
    .map(([name, time, budget]) => [name.padEnd(widths[0]), time.padEnd(widths[1]), budget])
    .map((row) => row.join('  ').trimEnd())
    .join('\n')
}

/**
 * Prints parts and failures, and appends them to a file.
 * @param file that of CI if there is one; empty: none
 */
export function reportParts(
  parts: readonly Part[],
  print: (line: string) => void,
  file: string = process.env[partsVariable] ?? '',
): void {
  print(`\n${partsTable(parts)}`)
  const failures = parts.flatMap(({ failures = [] }) => failures)
  if (failures.length > 0) print(`\n${failures.join('\n')}`)
  if (file === '') return
  for (const part of parts) {
    const line = `${took(part)}  ${part.name}`
    appendFileSync(file, `${line.padEnd(40)} budget ${budgetOf(part.name)}\n`)
    for (const failure of part.failures ?? []) appendFileSync(file, `${failure}\n`)
  }
}

function took({ durationMs, failed }: Part): string {
  return `${duration(durationMs)} ${failed ? 'FAILED' : 'ok'}`
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const minutes = String(Math.floor(seconds / 60)).padStart(2)
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`
}
