import type { ErrorCodeOf } from '../../error-codes.ts'
import type { CaseRecord, TargetResult } from '../../vm/case-results.ts'
import { kinds } from './all-cases.ts'
import { caseTitle, type PolicyCase } from './policy-case.ts'
import { backendNote, loadedNote } from './run-case.ts'

/** Text above the tables. */
const introduction = `# Cases of policies

Each row is a test case from \`test/cases/policies\`: a policy, a process that triggers it, and usually
one that does not. A cell shows the back ends of the policy's hooks on that kernel (\`none\` where
the case expects that the policy is refused or has no file), or why the case cannot run there.
\`node test/dist/cases/policies/write-table.js\` writes this page from the results of
\`npm run test:vm -- host 5.10 6.1 6.12 7 --full --only cases/policies\`.
`

/** Results without a case, or with a failed one, cannot be written as a table. */
export class TableError extends Error {
  readonly code: ErrorCodeOf<'TableError'> = 'CASE_TABLE'
  override readonly name = 'TableError'
}

/** The document: case × kernel × back end. @throws TableError */
export function resultsDocument(
  cases: readonly PolicyCase[],
  results: readonly TargetResult[],
): string {
  const reasons = new Map<string, number>()
  const sections = Object.entries(kinds).flatMap(([kind, heading]) => {
    const rows = cases.filter(({ covers }) => covers.kind === kind)
    if (rows.length === 0) return []
    const head = [heading, 'case', ...results.map(({ target }) => target)]
    const body = rows.map((row) => [
      `\`${row.covers.name}\``,
      row.name,
      ...results.map((result) => cell(row, result, reasons)),
    ])
    return [`## ${heading}\n\n${markdown([head, head.map(() => '---'), ...body])}\n`]
  })
  const machines = results.map(({ target, release }) => `- ${target}: ${release}`)
  const notes = [...reasons].map(([reason, number]) => `${number}. ${reason}`)
  const parts = [introduction, `${machines.join('\n')}\n`, ...sections]
  if (notes.length > 0) parts.push(`## Why some cannot run\n\n${notes.join('\n')}\n`)
  return parts.join('\n')
}

/** The rows of a document: the titles of its cases. */
export function listedCases(document: string): string[] {
  const headings = new Map(Object.entries(kinds).map(([kind, heading]) => [heading, kind]))
  let kind: string | undefined
  return document.split('\n').flatMap((line) => {
    if (line.startsWith('## ')) kind = headings.get(line.slice(3))
    const [, name, title] = /^\| `([^`]+)` +\| (.*?) +\| /.exec(line) ?? []
    return kind && name ? [`${kind} ${name}: ${title.replaceAll('\\|', '|')}`] : []
  })
}

function cell(row: PolicyCase, result: TargetResult, reasons: Map<string, number>): string {
  const record = findRecord(row, result)
  const wrong = record ? record.error : `it is not among the results of ${result.target}`
  if (!record || wrong !== undefined) {
    throw new TableError(`write table: case "${caseTitle(row)}", ${result.target}: ${wrong}`)
  }
  if (record.outcome === 'skipped') {
    const reason = (record.reason ?? '').replaceAll(/\s+/g, ' ')
    if (!reasons.has(reason)) reasons.set(reason, reasons.size + 1)
    return `– (${reasons.get(reason)})`
  }
  if (record.notes?.some((text) => text.startsWith(loadedNote))) {
    throw new TableError(`write table: case "${caseTitle(row)}" was only loaded: run with --full`)
  }
  const note = record.notes?.find((text) => text.startsWith(backendNote))
  if (!note) throw new TableError(`write table: case "${caseTitle(row)}" names no back end`)
  return note.slice(backendNote.length)
}

function findRecord(row: PolicyCase, { cases }: TargetResult): CaseRecord | undefined {
  return cases.find(
    ({ file, name }) =>
      file.startsWith('test/cases/policies/') && name.endsWith(` > ${caseTitle(row)}`),
  )
}

/** A table with aligned columns. The second row is the delimiter row. */
function markdown(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((text) => text.replaceAll('|', '\\|')))
  const widths = cells[0].map((_, at) => Math.max(...cells.map((row) => row[at].length)))
  return cells
    .map((row, i) => row.map((text, at) => text.padEnd(widths[at], i === 1 ? '-' : ' ')))
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}
