import type { Colour, Paint } from '../lines/colour.ts'
import type { Finding } from '../messages/finding.ts'
import { escapeUnprintable } from '../quoting/escape.ts'

const colours: Readonly<Record<string, Colour>> = {
  critical: 'red',
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
}

/** The lines of findings below their event: rule and techniques, then the fields that matched. */
export function findingLines(findings: readonly Finding[], paint: Paint): string {
  return findings.map((each) => linesOf(each, paint)).join('')
}

function linesOf(
  { title = '', level = '', techniques = [], fields = [], repeated = 0, ...more }: Finding,
  paint: Paint,
): string {
  const head = paint(colours[level] ?? 'blue', `🚨 ${level.padEnd(8)}`)
  const notes = [
    ...techniques,
    ...(Number(repeated) > 0 ? [`and ${repeated} more since the last one`] : []),
    ...(more.uncertain ? ['uncertain, since events were lost'] : []),
    ...(more.exec_ids === undefined ? [] : [`${more.exec_ids.length} processes`]),
  ].map(escapeUnprintable)
  const lines = [
    `   ${head} ${escapeUnprintable(title)}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`,
    ...fields.map(
      ({ field = '', value = '' }) =>
        `      ${paint('cyan', escapeUnprintable(field))} ${escapeUnprintable(value)}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
