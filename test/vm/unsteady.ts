import { appendFileSync } from 'node:fs'
import type { CaseRecord, TargetResult } from './case-results.ts'
import { caseLine } from './matrix-table.ts'
import { partsVariable } from './parts.ts'
import type { TestFile } from './test-files.ts'

/** A test file that failed among others, and passed when it ran once more, alone. */
export interface UnsteadyFile {
  readonly target: string
  /** Path of its source, relative to the repository. */
  readonly file: string
  /** Its failed cases in the first run. */
  readonly failed: readonly CaseRecord[]
  /** All its cases in the second run. */
  readonly repeated: readonly CaseRecord[]
}

/** A run with more unsteady files fails. */
export const unsteadyMax = 3

/** If more files fail, this is not chance: none of them runs again. */
const repeatedMax = 8

/** A target's result after the repetition of its failed files. */
export interface RepeatedResult {
  readonly result: TargetResult
  readonly unsteady: readonly UnsteadyFile[]
}

/**
 * Runs each failed file of a target once more. The cases of one that passes then replace those of
 * its first run.
 * @param files the files of the target; failures of others cannot be repeated
 * @param runAlone runs one file while nothing else runs
 */
export async function repeatFailed(
  result: TargetResult,
  files: readonly TestFile[],
  runAlone: (file: TestFile) => Promise<TargetResult>,
): Promise<RepeatedResult> {
  const { target } = result
  const sources = failedFiles(result.cases)
  if (sources.length > repeatedMax) return { result, unsteady: [] }
  const unsteady: UnsteadyFile[] = []
  let { cases } = result
  for (const test of files.filter(({ source }) => sources.includes(source))) {
    const file = test.source
    const { cases: repeated } = await runAlone(test)
    if (repeated.length === 0 || failedFiles(repeated).length > 0) continue
    const own = cases.filter((record) => record.file === file)
    unsteady.push({ target, file, failed: own.filter(isFailed), repeated })
    cases = [...cases.filter((record) => record.file !== file), ...repeated]
  }
  return { result: { ...result, cases }, unsteady }
}

/** Files of failed cases, each once. */
function failedFiles(cases: readonly CaseRecord[]): string[] {
  return [...new Set(cases.filter(isFailed).map(({ file }) => file))]
}

function isFailed({ outcome }: CaseRecord): boolean {
  return outcome === 'failed'
}

/** Lines of an error in the summary of CI. */
const linesMax = 12

/**
 * Prints both outputs of unsteady files, and appends their names and errors to the file of CI,
 * which counts those of all its commands.
 * @returns whether there are too many
 */
export function reportUnsteady(
  unsteady: readonly UnsteadyFile[],
  print: (line: string) => void,
  ciFile: string = process.env[partsVariable] ?? '',
): boolean {
  for (const { target, file, failed, repeated } of unsteady) {
    print(`\nUNSTEADY: ${target} ${file} failed, and passed alone; first:`)
    for (const record of failed) print(caseLine(target, record))
    print('then, alone:')
    for (const record of repeated) print(caseLine(target, record))
    if (ciFile === '') continue
    appendFileSync(ciFile, `unsteady: ${target} ${file}\n`)
    for (const record of failed) {
      const lines = caseLine(target, record).split('\n').slice(0, linesMax)
      appendFileSync(ciFile, `  ${lines.join('\n  ')}\n`)
    }
  }
  const tooMany = unsteady.length > unsteadyMax
  if (tooMany) print(`\nFAILED: ${unsteady.length} unsteady files, at most ${unsteadyMax} may be`)
  return tooMany
}
