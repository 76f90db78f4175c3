import type { Event } from '../event.ts'
import type { Colour, Paint } from '../lines/colour.ts'
import { type Finding, findingLevels } from '../messages/finding.ts'
import { escapeUnprintable } from '../quoting/escape.ts'

export type FindingLevel = (typeof findingLevels)[number]

const colours: ReadonlyMap<string, Colour> = new Map([
  ['critical', 'red'],
  ['high', 'red'],
  ['medium', 'yellow'],
  ['low', 'cyan'],
])

/** The lines of findings below their event: rule and techniques, then the fields that matched. */
export function findingLines({ response }: Event, least: FindingLevel, paint: Paint): string {
  // Findings without a level have the lowest.
  const omitted: readonly (string | undefined)[] = findingLevels.slice(
    0,
    findingLevels.indexOf(least),
  )
  const shown = (response.findings ?? []).filter(
    ({ level = findingLevels[0] }) => !omitted.includes(level),
  )
  return shown.map((each) => linesOf(each, paint)).join('')
}

/** An action that is in force needs no further word. */
function actionNote(action: string, state = ''): string {
  if (state === 'in_force') return action
  return `${action} ${state === 'monitor' ? 'only counted' : state.replaceAll('_', ' ')}`
}

function linesOf(
  { title = '', level = '', techniques = [], fields = [], repeated = 0, ...more }: Finding,
  paint: Paint,
): string {
  const head = paint(colours.get(level) ?? 'blue', `🚨 ${escapeUnprintable(level).padEnd(8)}`)
  const notes = [
    ...techniques,
    ...(more.action ? [actionNote(more.action, more.action_state)] : []),
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
