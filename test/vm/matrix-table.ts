import type { CaseRecord, TargetResult } from './case-results.ts'

/** One line about a case while the matrix runs; failures and skips include the reason. */
export function caseLine(target: string, record: CaseRecord): string {
  const words = { passed: 'ok  ', failed: 'FAIL', skipped: 'skip' }
  const where = `${target.padEnd(4)} ${words[record.outcome]} ${shortName(record.file)}`
  const line = `${where} > ${record.name} (${Math.round(record.durationMs)} ms)`
  if (record.outcome === 'skipped') return `${line} # ${record.reason}`
  if (record.error === undefined) return line
  return `${line}\n${record.error.replace(/^/gm, '     ')}`
}

/** Path of a test without the common parts. */
function shortName(file: string): string {
  return file
    .replace(/^packages\//, '')
    .replace('/src/', '/')
    .replace(/(\.[a-z]+)?\.test\.ts$/, '')
}

/** The matrix: a row for each test file, a column for each target. */
export function matrixTable(results: readonly TargetResult[]): string {
  const files = [...new Set(results.flatMap(({ cases }) => cases.map(({ file }) => file)))].sort()
  const rows = [
    ['', ...results.map(({ target }) => target)],
    ['kernel', ...results.map(({ release }) => release || 'missing')],
    ...files.map((file) => [shortName(file), ...results.map((result) => cell(result, file))]),
    ['seconds', ...results.map(({ durationMs }) => (durationMs / 1000).toFixed(1))],
    ['of them boot', ...results.map(({ bootMs }) => (bootMs / 1000).toFixed(1))],
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows
    .map((row) => row.map((text, column) => text.padEnd(widths[column])).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Number of slowest files shown for a target. */
const slowest = 6

/** Lines for each target: the slowest files, and those with most processor time, in seconds. */
export function slowestFiles(results: readonly TargetResult[]): string {
  const line = (target: string, times: Readonly<Record<string, number>> = {}): string => {
    const files = Object.entries(times).sort(([, one], [, other]) => other - one)
    const shown = files.slice(0, slowest).map(([file, ms]) => {
      return `${shortName(file)} ${Math.round(ms / 1000)}`
    })
    return `${target.padEnd(4)} ${shown.join(', ')}`
  }
  return [
    'slowest files, in seconds:',
    ...results.map(({ target, fileMs }) => line(target, fileMs)),
    'most processor time, in seconds:',
    ...results.map(({ target, fileProcessorMs }) => line(target, fileProcessorMs)),
  ].join('\n')
}

function cell(result: TargetResult, file: string): string {
  const count = (outcome: CaseRecord['outcome']) =>
    result.cases.filter((record) => record.file === file && record.outcome === outcome).length
  const parts = [
    [count('failed'), 'FAILED'],
    [count('passed'), 'ok'],
    [count('skipped'), 'skipped'],
  ] as const
  const text = parts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  return text.length > 0 ? text.join(', ') : '-'
}
