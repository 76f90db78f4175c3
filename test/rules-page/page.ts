import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LinkedRules } from '@tetragon-ts/rules'
import { ruleLibrary } from '../cases/rules/library.ts'
import { markdownTable } from '../markdown-table.ts'

const intro = `# Detection rules

Generated from the files of [policies/rules](../../policies/rules), which are installed in
\`/usr/share/tetragon/policies/rules\`. The agent hooks what they have to see.
[detections.md](../detections.md) describes how to use and to except them.

Rules on \`process_creation\` recognise a program by its path and its arguments. A copy under another name, or arguments
written in another way, are not found, and any user can provoke a finding with a program of that name: such a finding is
a hint, and its absence is no proof. Rules on hooks see what a program does; some of them except programs that usually do
it, again by name.
`

/** What the kernel must have for a file of rules; empty: nothing special. */
export function neededOf(file: string): string {
  const text = readFileSync(join(ruleLibrary, file), 'utf8')
  return /^# Needs a kernel with (.*)\.$/m.exec(text)?.[1] ?? ''
}

/** docs/reference/rules.md. */
export function rulesPage({ rules, correlations }: LinkedRules): string {
  const folders = new Map<string, string[][]>()
  const add = (file: string, cells: readonly string[]): void => {
    const [folder] = file.split('/')
    const rows = folders.get(folder) ?? []
    folders.set(folder, rows)
    const link = `[${cells[0]}](../../policies/rules/${file})`
    rows.push([link, ...cells.slice(1), neededOf(file)])
  }
  for (const { rule } of rules) {
    if (rule.file.startsWith('correlations/')) continue
    const { title, level = '', techniques, logSource, file } = rule
    add(file, [title, level, techniques.join(', '), logSource])
  }
  for (const { correlation } of correlations) {
    const { title, level = '', techniques, type, file } = correlation
    add(file, [title, level, techniques.join(', '), type])
  }
  const head = ['rule', 'level', 'techniques', 'log source', 'needs']
  const sections = [...folders].sort(([a], [b]) => (a < b ? -1 : 1))
  return `${intro}${sections
    .map(([folder, rows]) => `\n## ${titleOf(folder)}\n\n${markdownTable(head, rows)}`)
    .join('')}`
}

function titleOf(folder: string): string {
  return folder[0].toUpperCase() + folder.slice(1).replaceAll('-', ' ')
}
