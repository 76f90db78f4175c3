import { eventClass } from '@tetragon-ts/outputs/queue'
import type { LineRun } from '../json/event-lines.ts'

/** Lines of hook events. @param to end of the last one */
export function hookLines(to: number, lines: number): LineRun[] {
  return [{ eventClass: eventClass.hook, to, lines }]
}
