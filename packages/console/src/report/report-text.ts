import { countText } from '../store/count-text.ts'
import { dateTimeText } from '../store/time-text.ts'
import type { Outcome } from '../summaries/enforced-actions.ts'
import type { EnforcementGroup } from '../summaries/enforcement-groups.ts'
import type { NameCount } from '../summaries/frequent-names.ts'
import { filterWords } from './filter-words.ts'
import { lineageItems } from './lineage-items.ts'
import { cellCode, code, codeBlock, table } from './markdown.ts'
import { missingItems } from './missing-items.ts'
import type { ReportFacts, ReportRow } from './report-facts.ts'

/** Nodes that are named. */
const nodesMax = 20
/** Longest cell of the time line, and longest sentence, in characters. */
const cellMax = 300
const sentenceMax = 2000

const titles: Readonly<Record<ReportFacts['kind'], string>> = {
  events: 'Report of events',
  process: 'Report of a process',
  alert: 'Report of an alert',
}

/** As in the view Enforcement. */
const outcomes: Readonly<Record<Outcome, string>> = {
  failed: 'not stopped: the action failed',
  done: 'stopped',
  monitored: 'would have been stopped',
  unreported: 'outcome not reported',
}

/** A report as Markdown with tables, as GitHub has them. */
export function reportText(facts: ReportFacts): string {
  const sections = [
    `# ${titles[facts.kind]}`,
    list(headItems(facts)),
    ...section('Event', eventParts(facts)),
    ...section('Process', [list(lineageItems(facts.lineage, facts.gaps.lost))]),
    ...section('Alerts', alertParts(facts)),
    ...section('Stopped operations', stoppedParts(facts)),
    ...section('Time line', [timeLine(facts)]),
    ...section('Missing from this report', [list(missingItems(facts))]),
  ]
  return `${sections.join('\n\n')}\n`
}

function section(title: string, parts: readonly string[]): string[] {
  const filled = parts.filter((part) => part !== '')
  return filled.length === 0 ? [] : [`## ${title}`, ...filled]
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n')
}

function headItems({ madeAt, span, first, last, events, nodes, filter }: ReportFacts): string[] {
  const range = (from: number, to: number): string =>
    `${dateTimeText(from)} to ${dateTimeText(to)} UTC`
  const words = filterWords(filter)
  return [
    `Made: ${dateTimeText(madeAt)} UTC, by tetra console`,
    span === undefined
      ? 'Time: everything that the page had'
      : `Time: ${range(span.from, span.to)}, a selected span`,
    ...(first === undefined || last === undefined
      ? []
      : [`First and last event: ${range(first, last)}`]),
    `Events: ${countText(events)}`,
    ...(nodes.length === 0 ? [] : [`Nodes: ${nodesText(nodes)}`]),
    `Filter: ${filter.trim() === '' ? 'none' : code(filter, sentenceMax)}`,
    ...words.map((each) => `Condition: ${each}`),
  ]
}

/** The node of a single agent may have no name. */
function nodesText(nodes: readonly NameCount[]): string {
  const named = nodes.slice(0, nodesMax).map(({ name, count }) => {
    return `${name === '' ? 'without a name' : code(name)} (${countText(count)})`
  })
  const more = nodes.length - named.length
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

function eventParts({ sentence, findings }: ReportFacts): string[] {
  const items = findings.map(({ level, title, notes, fields }) => {
    const because = fields.map(({ field, value }) => code(`${field}: ${value}`))
    const parts = [`level ${level}: ${code(title)}`, notes === '' ? '' : code(notes), ...because]
    return parts.filter((part) => part !== '').join(', ')
  })
  return [sentence === '' ? '' : code(sentence, sentenceMax), list(items)]
}

function alertParts({ alerts }: ReportFacts): string[] {
  if (alerts.length === 0) return []
  const heads = ['', 'level', 'state', 'rule or policy', 'program', 'parent', 'user', 'pod']
  const rows = alerts.map((alert, i) => [
    ...[String(i + 1), alert.level, alert.state, cellCode(alert.title), cellCode(alert.binary)],
    ...[cellCode(alert.parent), cellCode(alert.user), cellCode(alert.pod || alert.container)],
    ...[dateTimeText(alert.first), dateTimeText(alert.last), countText(alert.count)],
  ])
  const notes = alerts.flatMap(({ note }, i) => {
    return note === '' ? [] : [`Note on alert ${i + 1}:`, codeBlock(note)]
  })
  const whole = 'Times and counts are those of the whole alert, in UTC.'
  return [table([...heads, 'first', 'last', 'count'], rows), whole, ...notes]
}

function stoppedParts({ stopped: { groups, ungrouped } }: ReportFacts): string[] {
  if (groups.length === 0) return []
  const heads = ['outcome', 'policy', 'hook', 'action', 'means', 'count']
  const rows = groups.map((group) => [
    ...[outcomes[group.outcome], cellCode(group.policy), cellCode(group.hook)],
    ...[cellCode(group.action), cellCode(group.means), countText(group.count)],
    ...[mostOften(group, 'operations'), mostOften(group, 'binaries')],
    ...[dateTimeText(group.first), dateTimeText(group.last)],
  ])
  const more = Object.values(ungrouped).reduce((sum, count) => sum + count, 0)
  return [
    table([...heads, 'operations', 'programs', 'first (UTC)', 'last (UTC)'], rows),
    more === 0 ? '' : `${countText(more)} further operations are not in the table.`,
  ]
}

function mostOften(group: EnforcementGroup, names: 'operations' | 'binaries'): string {
  const texts = group[names].map(({ name, count }) => {
    return `${cellCode(name, cellMax)} (${countText(count)})`
  })
  return texts.join(', ') || cellCode('')
}

function timeLine({ start, between, end }: ReportFacts): string {
  if (start.length === 0) return 'No event.'
  const gap = between === 0 ? [] : [['', `${countText(between)} more events`, '', '', '']]
  const rows = [...start.map(rowCells), ...gap, ...end.map(rowCells)]
  return table(['time (UTC)', 'event', 'program', 'user', 'pod or container'], rows)
}

function rowCells({ time, what, program, user, place }: ReportRow): string[] {
  return [
    dateTimeText(time),
    ...[what, program, user, place].map((each) => cellCode(each, cellMax)),
  ]
}
