import { createHash } from 'node:crypto'

/** An id of an event that is the same when it is sent again: receivers find duplicates by it. */
export function eventId(line: Buffer): string {
  return createHash('sha256').update(line).digest('base64url').slice(0, 22)
}
