import type { ErrorCodeOf } from '../../error-codes.ts'
import { kinds } from './all-cases.ts'
import type { CaseOnKernel } from './case-on-kernel.ts'
import { caseTitle, type PolicyCase } from './policy-case.ts'

/** Text above the tables. */
const introduction = `# Cases of policies

Each row is a test case from \`test/cases/policies\`: a policy, a process that triggers it, and usually
one that does not. A cell shows the back ends of the policy's hooks on that kernel (\`none\` where
the case expects that the policy is refused or hooks nothing) and the means of its actions, or why the
case cannot run there. \`node test/dist/cases/policies/write-table.js\` writes this page from the
[descriptions](../kernels.md) of the kernels, without running anything. If the verifier refuses a
program, the agent uses the next back end, which no description shows.
\`test/cases/kernels/promises.early.test.ts\` compares the same policies with what each kernel does.
`

/** Kernels without a description, and cases that are not decided, cannot be written as a table. */
export class TableError extends Error {
  readonly code: ErrorCodeOf<'TableError'> = 'CASE_TABLE'
  override readonly name = 'TableError'
}

/** A column of the table. */
export interface TableKernel {
  readonly name: string
  readonly release: string
  /** By the titles of cases. */
  readonly results: ReadonlyMap<string, CaseOnKernel>
}

/** The document: case × kernel × back end. @throws TableError */
export function resultsDocument(
  cases: readonly PolicyCase[],
  kernels: readonly TableKernel[],
): string {
  const reasons = new Map<string, number>()
  const sections = Object.entries(kinds).flatMap(([kind, heading]) => {
    const rows = cases.filter(({ covers }) => covers.kind === kind)
    if (rows.length === 0) return []
    const head = [heading, 'case', ...kernels.map(({ name }) => name)]
    const body = rows.map((row) => [
      `\`${row.covers.name}\``,
      row.name,
      ...kernels.map((kernel) => cell(row, kernel, reasons)),
    ])
    return [`## ${heading}\n\n${markdown([head, head.map(() => '---'), ...body])}\n`]
  })
  const machines = kernels.map(({ name, release }) => `- ${name}: ${release}`)
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

/** Cells of a document by the title of the case, in the order of the kernels. */
export function tableCells(document: string): ReadonlyMap<string, readonly string[]> {
  const titles = listedCases(document)
  const rows = document.split('\n').filter((line) => /^\| `/.test(line))
  return new Map(
    rows.map((row, i) => {
      const cells = row.replaceAll('\\|', '\0').split('|').slice(3, -1)
      return [titles[i], cells.map((text) => text.trim().replaceAll('\0', '|'))]
    }),
  )
}

function cell(
  row: PolicyCase,
  { name, results }: TableKernel,
  reasons: Map<string, number>,
): string {
  const result = results.get(caseTitle(row))
  if (result === undefined || result.kind === 'depends') {
    const reason = result === undefined ? 'it was not checked' : 'files decide about it'
    throw new TableError(`write table: case "${caseTitle(row)}", ${name}: ${reason}`)
  }
  if (result.kind === 'runs') return result.cell
  const reason = result.reason.replaceAll(/\s+/g, ' ')
  if (!reasons.has(reason)) reasons.set(reason, reasons.size + 1)
  return `– (${reasons.get(reason)})`
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
