import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Streams } from '../command.ts'

/** Time until standard error says what the command waits for, in milliseconds. */
const patienceMs = 2000
const hint =
  'tetra: waiting for events on standard input (to get them from the agent, add < /dev/null)\n'

/**
 * Whether events come from the agent or from standard input. As in the original, standard input is
 * read unless it is a terminal or another character device such as /dev/null. With an address on
 * the command line, a pipe that ends without a byte also means the agent: cron jobs, `ssh -n` and
 * programs that start tetra leave such a pipe behind.
 */
export async function eventSource(
  address: string,
  { stdin, stdinKind = 'pipe', stderr }: Streams,
  patience = patienceMs,
): Promise<'agent' | 'input'> {
  if (stdinKind === 'device' || stdin.isTTY) return 'agent'
  if (stdinKind === 'file') return 'input'
  // Who sits at a terminal knows of the pipe; `ssh -T` and programs leave one open without a word.
  const timer = stderr.isTTY ? undefined : setTimeout(() => stderr.write(hint), patience)
  try {
    return (await isEmpty(stdin)) && address !== '' ? 'agent' : 'input'
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for the first bytes or the end; the bytes stay in the stream. */
async function isEmpty(input: Readable): Promise<boolean> {
  if (input.readableLength === 0 && !input.readableEnded) {
    const stop = new AbortController()
    // A stream that has already ended emits `end` alone.
    const events = ['readable', 'end'].map((name) => once(input, name, { signal: stop.signal }))
    try {
      await Promise.race(events)
    } finally {
      stop.abort()
      await Promise.allSettled(events)
    }
  }
  return input.readableLength === 0
}
