import type { EventContext } from '../event-context.ts'

/** What all events end with: where and when it was. The event's own object is closed before. */
export function writeEnvelope(
  { out, clock, nodeField }: EventContext,
  timeHigh: number,
  timeLow: number,
): void {
  out.byte(0x2c)
  out.latin1(nodeField)
  out.latin1(',"time":"')
  clock.write(out, timeHigh, timeLow)
  out.latin1('"}\n')
}

/** A process that nothing told us of. @param timeHigh its start, or else when it was seen */
export function writeUnknownProcess(
  { out, clock }: EventContext,
  pid: number,
  timeHigh: number,
  timeLow: number,
): void {
  out.latin1('{"pid":')
  out.decimal(pid)
  out.latin1(',"flags":"unknown","start_time":"')
  clock.write(out, timeHigh, timeLow)
  out.latin1('"}')
}
