import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StreamState } from '../stream/frames.ts'
import { frame, stateFrame } from '../stream/frames.ts'
import { readFeed } from './event-feed.ts'

/** States that a server with these answers leads to, until it refuses the page. */
async function statesOf(...answers: readonly (() => Response)[]): Promise<string[]> {
  return statesAndEvents(answers, () => {})
}

async function statesAndEvents(
  answers: readonly (() => Response)[],
  event: (bytes: Uint8Array) => void,
): Promise<string[]> {
  const states: string[] = []
  const { fetch, setTimeout } = globalThis
  const rest = [...answers, () => new Response('load the page again\n', { status: 403 })]
  globalThis.fetch = async () => rest.shift()!()
  // The pause until the next attempt.
  globalThis.setTimeout = ((act: () => void) => setImmediate(act)) as unknown as typeof setTimeout
  try {
    await readFeed('', {
      event,
      state: ({ isConnected, reason = '' }) => states.push(`${isConnected} ${reason}`.trim()),
      refused: (text) => states.push(`refused ${text.trim()}`),
    })
  } finally {
    Object.assign(globalThis, { fetch, setTimeout })
  }
  return states
}

const streamOf = (...states: readonly StreamState[]) => {
  return () => new Response(Buffer.concat(states.map(stateFrame)))
}

test('a stream that has ended is opened again, and the reason of its end is shown', async () => {
  const reason = 'the API server refuses the token'
  const states = await statesOf(
    streamOf({ isConnected: true }, { isConnected: false, reason }),
    streamOf({ isConnected: true }),
  )
  assert.deepEqual(states, [
    ...['true', `false ${reason}`, `false ${reason}`],
    ...['true', 'false tetra console has ended the stream', 'refused load the page again'],
  ])
})

test('a server that cannot answer is asked again, and the page shows why', async () => {
  const full = 'close another page: 16 pages are open'
  const head = { 'content-type': 'text/html' }
  const states = await statesOf(
    () => new Response(`${full}\n`, { status: 503 }),
    () => new Response('<html>', { status: 502, headers: head }),
    () => {
      throw new Error('fetch failed')
    },
  )
  assert.deepEqual(states, [
    `false ${full}`,
    'false tetra console does not answer: status 502',
    'false tetra console does not answer: fetch failed',
    'refused load the page again',
  ])
})

test('a stream of recorded events that is opened again adds only those that are missing', async () => {
  const seen: number[] = []
  const begin = stateFrame({ isConnected: true, isRecorded: true })
  const streamOf = (numbers: readonly number[]) => () => {
    const events = numbers.map((n) => frame('event', Uint8Array.of(n)))
    return new Response(Buffer.concat([begin, ...events]))
  }
  const recorded = [[1, 2], [], [1], [1, 2, 3, 3], [1, 2, 3, 3]].map(streamOf)
  await statesAndEvents(recorded, ([n]) => seen.push(n))
  assert.deepEqual(seen, [1, 2, 3, 3])
})
