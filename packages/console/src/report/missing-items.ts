import { countText } from '../store/count-text.ts'
import { type Gap, gapText } from '../store/gaps.ts'
import { missingUntil } from '../store/span.ts'
import { dateTimeText } from '../store/time-text.ts'
import { code } from './markdown.ts'
import type { ReportFacts } from './report-facts.ts'

/** Losses with a line of their own. */
const lossesMax = 20

/** Why a report may lack something, as items of a list. */
export function missingItems({ gaps, span }: ReportFacts): string[] {
  const { droppedSince, undecoded, newer, droppedAlerts } = gaps
  const items = [
    ...lossItems(gaps.lost),
    droppedItem(gaps.dropped, missingUntil(span ?? allTimes, gaps.droppedUntil)),
    counted(droppedSince, 'events were dropped while the report was made'),
    counted(undecoded, 'events cannot be decoded'),
    counted(newer, 'later events match: the list was paused'),
    gaps.isSearching ? 'the filter has not tested all events of the page' : '',
    gaps.past === '' ? '' : `events from before the page: ${code(gaps.past)}`,
    gaps.stream === '' ? '' : `no events arrived when it was made: ${code(gaps.stream)}`,
    counted(
      droppedAlerts.alerts,
      `alerts of lower levels with ${countText(droppedAlerts.findings)} findings were dropped`,
    ),
  ].filter((item) => item !== '')
  return items.length === 0 ? ['nothing, as far as the page knows'] : items
}

const allTimes = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

function lossItems(lost: readonly Gap[]): string[] {
  const shown = lost.slice(-lossesMax).map((gap) => {
    const { from, to, node } = gap
    const where = node === undefined || node === '' ? '' : ` on node ${code(node)}`
    const what = gap.hidesProcesses ? ', starts and ends of processes may be among them' : ''
    return `${gapText([gap])} between ${dateTimeText(from)} and ${dateTimeText(to)}${where}${what}`
  })
  const others = lost.slice(0, -lossesMax)
  return others.length === 0
    ? shown
    : [`${gapText(others)} in ${others.length} earlier gaps`, ...shown]
}

function droppedItem(dropped: number, until: number | undefined): string {
  if (dropped === 0 || until === undefined) return ''
  return `events up to ${dateTimeText(until)}: the page has dropped ${countText(dropped)} older events`
}

function counted(count: number, text: string): string {
  return count === 0 ? '' : `${countText(count)} ${text}`
}
