import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.ts'

/** Maximum size of a body that is kept, in bytes. */
const keptMax = 1 << 20
/** Maximum size of a body: more than an API server sends. */
const bodyMax = 1 << 25

/** The body of a request. */
export interface ReviewBody {
  /** The body, or its beginning if it is too large. */
  readonly bytes: Buffer
  readonly isWhole: boolean
}

/**
 * Reads a body to its end: clients may not read the response of a server that does not take their
 * request. Of what is too large, the beginning is kept.
 * @throws Refusal, Error of the connection
 */
export async function readBody(request: IncomingMessage): Promise<ReviewBody> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > bodyMax) throw new Refusal(413, 'the body is too large')
    if (length <= keptMax) pieces.push(piece)
    else pieces.splice(1)
  }
  return { bytes: Buffer.concat(pieces), isWhole: length <= keptMax }
}
