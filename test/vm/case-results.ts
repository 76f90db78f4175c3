import { lingeringExit } from './lingering.ts'

/** Result of a test case, as the reporter writes it: one line of JSON. */
export interface CaseRecord {
  readonly type: 'case'
  /** Path of the test's source file, relative to the repository. */
  readonly file: string
  /** Names of the suites and the test, outermost first, joined with ` > `. */
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly durationMs: number
  /** Why it was skipped. */
  readonly reason?: string
  readonly error?: string
  /** Diagnostics of the test. */
  readonly notes?: readonly string[]
}

/** A diagnostic of a case, after the case's own record. */
export interface NoteRecord {
  readonly type: 'note'
  readonly file: string
  readonly name: string
  readonly text: string
}

/** Result of the process of one test file. */
export interface FileRecord {
  readonly type: 'file'
  readonly file: string
  readonly exitCode: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  readonly durationMs: number
  /** With that of its children; absent if it was killed. */
  readonly processorMs?: number
  /** The case that began last, if the process reported it. */
  readonly lastCase?: string
  /** End of the process's output. */
  readonly output: string
}

export type ResultRecord = CaseRecord | NoteRecord | FileRecord

/** Numbers of cases by outcome. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Results of one target: the host or one kernel. */
export interface TargetResult {
  /** `unit`, `host`, or the name of a kernel in the matrix. */
  readonly target: string
  /** Output of `uname -r`. */
  readonly release: string
  readonly durationMs: number
  /** Milliseconds from power on to the first command; 0 on the host. */
  readonly bootMs: number
  /** Processor time in milliseconds, with that of QEMU; absent if nothing ran. */
  readonly processorMs?: number
  readonly cases: readonly CaseRecord[]
  /** Duration of each file in milliseconds, including suite setup; absent if nothing ran. */
  readonly fileMs?: Readonly<Record<string, number>>
  /** Processor time of each file in milliseconds, as far as known. */
  readonly fileProcessorMs?: Readonly<Record<string, number>>
  /** Why the target was skipped. */
  readonly missing?: string
}

export function addCounts(all: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0)
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
}

/** Counts cases; a missing target counts as one skipped case. */
export function countTarget(result: TargetResult): Counts {
  const of = (outcome: CaseRecord['outcome']) =>
    result.cases.filter((record) => record.outcome === outcome).length
  return {
    passed: of('passed'),
    failed: of('failed'),
    skipped: of('skipped') + (result.missing === undefined ? 0 : 1),
  }
}

/**
 * Combines the results of a partial run with earlier ones of the same kernel for other files. Boot
 * and run time are those of the new run.
 */
export function mergeResults(
  earlier: TargetResult | undefined,
  result: TargetResult,
  files: readonly string[],
): TargetResult {
  if (earlier?.release !== result.release) return result
  const ran = new Set([...files, ...result.cases.map(({ file }) => file)])
  const kept = earlier.cases.filter(({ file }) => !ran.has(file) && file !== '(none)')
  const fileMs = { ...earlier.fileMs, ...result.fileMs }
  const fileProcessorMs = { ...earlier.fileProcessorMs, ...result.fileProcessorMs }
  return { ...result, cases: [...kept, ...result.cases], fileMs, fileProcessorMs }
}

/** The closing line that test tools parse. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

/**
 * Errors of a file besides its failed cases: it crashed, hung, or tested nothing. `cases` are those
 * that the file reported.
 */
export function fileProblem(
  record: FileRecord,
  cases: readonly CaseRecord[],
): CaseRecord | undefined {
  const problem = describeProblem(record, cases)
  if (problem === undefined) return undefined
  const { file, durationMs, output } = record
  const error = output.trim() === '' ? problem : `${problem}\n${output.trimEnd()}`
  return { type: 'case', file, name: '(whole file)', outcome: 'failed', durationMs, error }
}

function describeProblem(record: FileRecord, cases: readonly CaseRecord[]): string | undefined {
  const { lastCase } = record
  const where = lastCase === undefined ? '' : ` in or after the case "${lastCase}"`
  if (record.timedOut) return `timed out after ${Math.round(record.durationMs / 1000)} s${where}`
  if (record.signal !== null) return `ended by ${record.signal}${where}`
  if (record.exitCode === lingeringExit) return 'did not end after its last test'
  const failed = cases.some((result) => result.outcome === 'failed')
  if (record.exitCode !== 0 && !failed) return `exit code ${record.exitCode}`
  if (cases.length === 0) return 'the file contains no test'
  return undefined
}

/** Parses one line of a result file; undefined if it is incomplete. */
export function parseRecord(line: string): ResultRecord | undefined {
  try {
    const value = JSON.parse(line) as ResultRecord
    return ['case', 'note', 'file'].includes(value.type) ? value : undefined
  } catch {
    return undefined
  }
}
