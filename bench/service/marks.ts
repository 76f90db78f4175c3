import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const begin = 'tetragon-bench-begin'
const end = 'tetragon-bench-end'

/** Stands in all events of the producer's processes: part of their working directory. */
export const producerMark = Buffer.from('project/src/drivers/net')
/** Stands in the events between which clients count, and in none of the producer's. */
export const beginMark = Buffer.from(begin)
export const endMark = Buffer.from(end)

const execute = promisify(execFile)

/** Causes the event from which on clients count. */
export async function markBegin(): Promise<void> {
  await execute('/bin/true', [begin])
}

/** Causes the event after which they do not count any more. */
export async function markEnd(): Promise<void> {
  await execute('/bin/true', [end])
}
