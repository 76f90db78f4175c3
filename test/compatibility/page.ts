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

Names with the same note share a row, or a list below the table. A list has the fields of one message, and
the options of one command, after its name.

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

function sectionText({ title, intro, entries, ours, wholes }: Section): string {
  const noted = grouped(entries, ({ state, note }) => [state, note])
  const same = entries.filter(({ state, note }) => state === 'same' && note === '')
  const own = grouped(ours, ({ note }) => ['only here', note])
  const rows = [...noted.values()].filter(([{ state, note }]) => state !== 'same' || note !== '')
  const parts = [
    ...table(['name', 'here', 'note'], rows.filter(isRow).map(rowOf)),
    ...rows
      .filter((group) => !isRow(group))
      .map(([first, ...rest]) => {
        const why = first.note === '' ? '' : `; ${first.note}`
        return `- **${first.state}**${why}: ${names([first, ...rest])}.`
      }),
    ...(same.length === 0 ? [] : [`- **same**: ${names(same, entries, wholes)}.`]),
  ]
  const text = [...parts, ...ownParts([...own.values()])].map(wrap).join('\n\n')
  return `## ${title}\n\n${intro}\n\n${text.replaceAll('.\n\n- ', '.\n- ')}\n`
}

function ownParts(groups: readonly (readonly Named[])[]): string[] {
  const rows = groups.filter(isRow).map((group) => rowOf(group).slice(0, 1).concat(group[0].note))
  const lists = groups.filter((group) => !isRow(group))
  if (groups.length === 0) return []
  return [
    'Only here:',
    ...table(['name', 'what it is'], rows),
    ...lists.map((group) => `- ${group[0].note}: ${names(group)}.`),
  ]
}

interface Named {
  readonly name: string
  readonly note: string
}

/** Entries with the same key, in order. */
function grouped<T extends Named>(
  entries: readonly T[],
  key: (entry: T) => string[],
): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const entry of entries) {
    const text = JSON.stringify(key(entry))
    groups.set(text, [...(groups.get(text) ?? []), entry])
  }
  return groups
}

/** More names than two with one note are a list below the table. */
function isRow(group: readonly unknown[]): boolean {
  return group.length <= 2
}

function rowOf(group: readonly (Named & { readonly state?: string })[]): string[] {
  const [{ state = '', note }] = group
  return [group.map(({ name }) => code(name)).join(', '), state, note]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [markdownTable(head, rows).trimEnd()]
}

/**
 * The names of a list: fields of one message, and options of one command, together. A message all
 * of whose fields are in the list is its name only.
 */
function names(group: readonly Named[], all: readonly Named[] = [], wholes = ''): string {
  const isComplete = (part: string): boolean =>
    wholes !== '' && members(all, part).length === members(group, part).length
  const parts = [...new Set(group.map(({ name }) => partOf(name)))]
  const complete = parts.filter((part) => part !== '' && isComplete(part))
  const other = parts.filter((part) => !complete.includes(part))
  const whole = complete.length === 0 ? [] : [`${wholes} ${complete.map(inCode).join(', ')}`]
  return [
    ...whole,
    ...other.map((part) => {
      const inPart = members(group, part)
      if (part === '' || inPart.length === 1) return inPart.map(({ name }) => code(name)).join(', ')
      const ends = inPart.map(({ name }) => code(name.slice(part.length).trim()))
      return `${inCode(part)} ${ends.join(', ')}`
    }),
  ].join('; ')
}

/** A message without the dot, or a command. */
function inCode(part: string): string {
  return code(part.replace(/\.$/, ''))
}

function members(entries: readonly Named[], part: string): readonly Named[] {
  return entries.filter(({ name }) => partOf(name) === part)
}

/** The message of a field, with its dot; the command of an option. */
function partOf(name: string): string {
  return /^(.+\.)[^.]+$/.exec(name)?.[1] ?? /^(.+) --/.exec(name)?.[1] ?? ''
}

/** Lines of at most 105 characters, without breaks in code; tables as they are. */
function wrap(text: string): string {
  if (text.startsWith('|')) return text
  const kept = text.replaceAll(/`[^`]+`/g, (name) => name.replaceAll(' ', '\u00a0'))
  const lines = kept.replaceAll(/(.{1,103})(?: |$)/gm, '  $1\n')
  return lines.replaceAll('\u00a0', ' ').trim()
}

function code(name: string): string {
  return `\`${name}\``
}
