import { escapeUnprintable, type Process, shellQuote } from '@tetragon-ts/api'
import type { CorrelationFinding, MatchedField, Rule } from '@tetragon-ts/rules'

/** A finding on recorded events. */
export type Finding =
  | {
      readonly kind: 'rule'
      readonly rule: Rule
      readonly time: string
      readonly process: Process
      readonly fields: readonly MatchedField[]
      /** Title of the filter that excepts it. */
      readonly suppressedBy?: string
    }
  | ({ readonly kind: 'correlation'; readonly time: string } & CorrelationFinding)

/** A finding as one line of JSON. */
export function findingJson(finding: Finding): object {
  const { id, title, level, techniques } =
    finding.kind === 'rule' ? finding.rule : finding.correlation
  const head = { time: finding.time, level, title, id, techniques }
  if (finding.kind === 'correlation') {
    const { group, parts, uncertain } = finding
    const times = parts.map((part) => ({ time: new Date(part.timeMs).toISOString(), id: part.id }))
    return { ...head, group: Object.fromEntries(group), parts: times, uncertain }
  }
  const { process, fields, suppressedBy } = finding
  const { exec_id, binary, arguments: text } = process
  return { ...head, exec_id, binary, arguments: text, fields, suppressed_by: suppressedBy }
}

/** A finding as lines: its rule, then the fields that made it match. */
export function findingLines(finding: Finding): string[] {
  const {
    title,
    level = 'no level',
    techniques,
  } = finding.kind === 'rule' ? finding.rule : finding.correlation
  const head = `${finding.time} ${level} ${title}${techniques.map((each) => ` ${each}`).join('')}`
  if (finding.kind === 'correlation') {
    const { group, parts, uncertain } = finding
    const values = group.map(([name, value]) => `${name} ${shellQuote(value)}`).join(', ')
    const unsure = uncertain ? '; uncertain, since events were lost' : ''
    return [head, `  ${parts.length} matches${values === '' ? '' : ` of ${values}`}${unsure}`].map(
      escapeUnprintable,
    )
  }
  const { process, fields, suppressedBy } = finding
  return [
    head,
    `  ${process.binary ?? ''} ${process.arguments ?? ''}`.trimEnd(),
    ...fields.map(({ field, value, range }) => {
      return `  ${field}: ${range === undefined ? value : marked(value, range)}`
    }),
    ...(suppressedBy === undefined ? [] : [`  excepted by ${suppressedBy}`]),
  ].map(escapeUnprintable)
}

/** The part of a long value around what matched. */
const shownAround = 60

function marked(value: string, [from, to]: readonly [number, number]): string {
  const start = Math.max(0, from - shownAround)
  const end = Math.min(value.length, to + shownAround)
  const before = `${start > 0 ? '…' : ''}${value.slice(start, from)}`
  const after = `${value.slice(to, end)}${end < value.length ? '…' : ''}`
  return `${before}[${value.slice(from, to)}]${after}`
}
