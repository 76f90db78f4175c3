import { appendFileSync } from 'node:fs'

/** A named part of a test run and how long it took. */
export interface Part {
  readonly name: string
  readonly durationMs: number
  readonly failed: boolean
}

/**
 * File that parts are appended to when it is named: CI collects those of all its commands there.
 */
export const partsVariable = 'TEST_PARTS'

/**
 * One line for each part, in the order given; parts may run side by side, so the sum means nothing.
 */
export function partsTable(parts: readonly Part[]): string {
  const rows = [['part', 'took'], ...parts.map((part) => [part.name, took(part)])]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, time]) => `${name.padEnd(width)}  ${time}`).join('\n')
}

/** Prints parts, and adds them to the file of CI if there is one. */
export function reportParts(parts: readonly Part[], print: (line: string) => void): void {
  print(`\n${partsTable(parts)}`)
  const file = process.env[partsVariable]
  if (file === undefined) return
  for (const part of parts) appendFileSync(file, `${took(part)}  ${part.name}\n`)
}

function took({ durationMs, failed }: Part): string {
  const seconds = Math.round(durationMs / 1000)
  const minutes = String(Math.floor(seconds / 60)).padStart(2)
  return `${minutes}:${String(seconds % 60).padStart(2, '0')} ${failed ? 'FAILED' : 'ok'}`
}
