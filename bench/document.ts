import { readFile, writeFile } from 'node:fs/promises'
import type { Report } from './benchmark.ts'
import type { ErrorCodeOf } from './error-codes.ts'
import { markdownTable } from './table.ts'

const document = new URL('../README.md', import.meta.url)

/** A document without the markers for results. */
export class MarkerError extends Error {
  readonly code: ErrorCodeOf<'MarkerError'> = 'BENCH_MARKERS'
  override readonly name = 'MarkerError'
}

/** A report as Markdown. */
export function markdownReport({ tables, notes }: Report): string {
  const list = notes.map((note) => `- ${note}`).join('\n')
  return [...tables.map(markdownTable), list].filter((part) => part !== '').join('\n\n')
}

/**
 * Replaces the text between the markers `<!-- bench:NAME -->` and `<!-- end -->`.
 * @throws MarkerError
 */
export function insertResults(markdown: string, name: string, results: string): string {
  const begin = `<!-- bench:${name} -->`
  const start = markdown.indexOf(begin)
  const end = markdown.indexOf('<!-- end -->', start)
  if (start < 0 || end < 0) {
    throw new MarkerError(`write results of ${name}: the document has no ${begin} … <!-- end -->`)
  }
  return `${markdown.slice(0, start + begin.length)}\n\n${results}\n\n${markdown.slice(end)}`
}

/** Writes a report into bench/README.md. @throws MarkerError */
export async function writeReport(name: string, report: Report): Promise<void> {
  const markdown = await readFile(document, 'utf8')
  await writeFile(document, insertResults(markdown, name, markdownReport(report)))
}
