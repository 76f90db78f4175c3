import { markdownTable } from '../markdown-table.ts'
import type { Entry, Section } from './table.ts'

/** The page docs/reference/compatibility.md. */
export function compatibilityPage(sections: readonly Section[]): string {
  return `# Compatibility

Every procedure, message, option and metric of Tetragon (August 2026), and its state here. Generated
from test/compatibility; a test compares it with the code, so that it stays true:
\`node test/dist/compatibility/write-page.js\` writes it.

- **same**: same name, same meaning
- **better**: compatible, with improvements
- **omitted**: not available; the note has the reason

${summary(sections)}
${sections.map(sectionText).join('\n')}`
}

function summary(sections: readonly Section[]): string {
  const count = ({ entries }: Section, state: Entry['state']) =>
    String(entries.filter((entry) => entry.state === state).length)
  return markdownTable(
    ['', 'same', 'better', 'omitted', 'only here'],
    sections.map((section) => [
      `[${section.title}](#${section.title.toLowerCase().replaceAll(' ', '-')})`,
      ...(['same', 'better', 'omitted'] as const).map((state) => count(section, state)),
      String(section.ours.length),
    ]),
  )
}

function sectionText({ title, intro, entries, ours }: Section): string {
  const rows = entries.map(({ name, state, note }) => [code(name), state, note])
  const own = ours.map(({ name, note }) => [code(name), note])
  const more =
    own.length === 0 ? '' : `\nOnly here:\n\n${markdownTable(['name', 'what it is'], own)}`
  return `## ${title}\n\n${intro}\n\n${markdownTable(['name', 'here', 'note'], rows)}${more}`
}

function code(name: string): string {
  return `\`${name}\``
}
