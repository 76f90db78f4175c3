import { appendFileSync } from 'node:fs'
import { type MachineSpeed, measureSpeed } from './machine-speed.ts'

/** A named part of a test run and its duration. */
export interface Part {
  readonly name: string
  readonly durationMs: number
  /** Processor time in milliseconds, with that of virtual machines; absent if not measured. */
  readonly processorMs?: number
  readonly failed: boolean
  /** Texts about the tests that failed, if the part has tests. */
  readonly failures?: readonly string[]
}

/** File that parts are appended to, if set: CI collects the parts of all its commands there. */
export const partsVariable = 'TEST_PARTS'

/**
 * Budgets of parts in minutes, by the first words of their names, on a machine on which `node -e 0`
 * takes 67 ms. A part that takes longer does not fail but is marked (docs/contributing.md). Those
 * of kernels are processor time: their virtual machines share the processors with other work.
 */
export const budgets: Readonly<Record<string, number>> = {
  setup: 2,
  check: 1,
  unit: 6,
  host: 8,
  ci: 7,
  'cluster programs': 9,
  'cluster tests': 16,
  'kernel 5.10': 18,
  'kernel 6.12': 8,
  'kernel 6.1': 3,
  'kernel 7': 4,
}

/** The budget of a part on a machine of this speed, in milliseconds; undefined if it has none. */
function budgetOf(name: string, speed: MachineSpeed): number | undefined {
  const key = Object.keys(budgets).find((start) => `${name} `.startsWith(`${start} `))
  return key === undefined ? undefined : budgets[key]! * 60_000 * speed.factor
}

/** The columns of a part: name, time and result, processor time, budget, and a mark if over it. */
function columnsOf(part: Part, speed: MachineSpeed): readonly string[] {
  const { name, durationMs, processorMs, failed } = part
  const budget = budgetOf(name, speed)
  const spent = name.startsWith('kernel ') ? (processorMs ?? durationMs) : durationMs
  return [
    name,
    `${duration(durationMs)} ${failed ? 'FAILED' : 'ok'}`,
    processorMs === undefined ? '' : duration(processorMs),
    budget === undefined ? '' : duration(budget),
    budget !== undefined && spent > budget ? 'OVER' : '',
  ]
}

/** One line for each part, in order; parts may run in parallel, so the sum is meaningless. */
export function partsTable(parts: readonly Part[], speed: MachineSpeed): string {
  const rows = [['part', 'took', 'processor', 'budget', '']]
  rows.push(...parts.map((part) => [...columnsOf(part, speed)]))
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  return rows
    .map((row) => row.map((text, i) => text.padEnd(widths[i]!)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

/**
 * Prints parts and failures, and appends them to a file.
 * @param speed that of the machine before the parts ran
 * @param file that of CI if there is one; empty: none
 */
export function reportParts(
  parts: readonly Part[],
  print: (line: string) => void,
  speed: MachineSpeed = measureSpeed(),
  file: string = process.env[partsVariable] ?? '',
): void {
  const { nodeMs, factor } = speed
  print(`\n${partsTable(parts, speed)}`)
  print(`node -e 0: ${nodeMs} ms here; budgets are ${factor.toFixed(2)} times the documented ones`)
  const failures = parts.flatMap(({ failures = [] }) => failures)
  if (failures.length > 0) print(`\n${failures.join('\n')}`)
  if (file === '') return
  for (const part of parts) {
    const [name, took, processor, budget, over] = columnsOf(part, speed)
    const time = `${took!.padEnd(14)} processor ${processor!.padEnd(6)} budget ${budget}`
    appendFileSync(file, `${time.padEnd(48)} ${name} ${over}`.trimEnd().concat('\n'))
    for (const failure of part.failures ?? []) appendFileSync(file, `${failure}\n`)
  }
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  const minutes = String(Math.floor(seconds / 60)).padStart(2)
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`
}
