import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** In all events of the producer's processes: part of their working directory. */
export const producerMark = Buffer.from('project/src/drivers/net')

/** Texts in the events between which clients count. */
export interface Marks {
  readonly begin: string
  readonly end: string
}

/** A unique name of this run: all agents of the machine see its marks. */
export function newRun(): string {
  return `${process.pid}-${Date.now()}`
}

/**
 * Marks of a run. Processes that look for them get the run, not the marks: their own command line
 * is an event for earlier clients.
 */
export function marksOf(run: string): Marks {
  return { begin: `tetragon-bench-begin-${run}`, end: `tetragon-bench-end-${run}` }
}

/** Causes the event of a mark. */
export async function setMark(text: string): Promise<void> {
  await promisify(execFile)('/bin/true', [text])
}
