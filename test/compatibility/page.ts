import type { Entry, Section } from './table.ts'

/** The page docs/reference/compatibility.md. */
export function compatibilityPage(sections: readonly Section[]): string {
  return `# Compatibility

Every procedure, message, option and metric of Tetragon (August 2026), and what became of it here. Made
from test/compatibility; a test compares it with the code, so that it stays true:
\`node test/dist/compatibility/write-page.js\` writes it.

- **same**: same name, same meaning
- **better**: the same for who relies on it, and more
- **left out**: with the reason

${summary(sections)}
${sections.map(sectionText).join('\n')}`
}

function summary(sections: readonly Section[]): string {
  const count = ({ entries }: Section, state: Entry['state']) =>
    String(entries.filter((entry) => entry.state === state).length)
  return table(
    ['', 'same', 'better', 'left out', 'ours alone'],
    sections.map((section) => [
      `[${section.title}](#${section.title.toLowerCase().replaceAll(' ', '-')})`,
      ...(['same', 'better', 'left out'] as const).map((state) => count(section, state)),
      String(section.ours.length),
    ]),
  )
}

function sectionText({ title, intro, entries, ours }: Section): string {
  const rows = entries.map(({ name, state, note }) => [code(name), state, note])
  const own = ours.map(({ name, note }) => [code(name), note])
  const more = own.length === 0 ? '' : `\nOurs alone:\n\n${table(['name', 'what it is'], own)}`
  return `## ${title}\n\n${intro}\n\n${table(['name', 'here', 'note'], rows)}${more}`
}

function code(name: string): string {
  return `\`${name}\``
}

/** A table as the formatter of the documents writes it: columns of equal width. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i].length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |\n`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return line(cells[0]) + rule + cells.slice(1).map(line).join('')
}
