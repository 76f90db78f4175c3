import { aggregationInfo } from '../json/event-lines.ts'

const lineEnd = '}\n'

/** The count of an event, as it is at the end of its line. */
const infoOf = (count: number): string => (count > 1 ? aggregationInfo(count) : '')

/** The line of an event without its count and end. */
export function withoutCount(line: string, count: number): string {
  return line.slice(0, -(infoOf(count) + lineEnd).length)
}

/** Ends a line that has no count. */
export function withCount(line: string, count: number): string {
  return `${line}${infoOf(count)}${lineEnd}`
}
