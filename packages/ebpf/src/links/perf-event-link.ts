import {
  disablePerfEvent,
  openPerfEvent,
  type PerfEvent,
  setPerfEventProgram,
} from '../sys/index.ts'
import { type Attachable, FdLink, type Link } from './link.ts'

/**
 * Runs a program at every hit of a perf event. The program belongs to the event: it goes when the
 * descriptor is closed.
 * @throws SystemCallError
 */
export function attachPerfEvent(
  kind: string,
  target: string,
  program: Attachable,
  event: PerfEvent,
): Link {
  const action = `attach ${kind} ${target}`
  const fd = openPerfEvent(event, action)
  try {
    setPerfEventProgram(fd, program.fd.number, action)
  } catch (error) {
    disablePerfEvent(fd)
    fd.close()
    throw error
  }
  return new FdLink(kind, target, fd)
}
