import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Streams } from '../command.ts'

/** Delay before the command prints what it waits for, in milliseconds. */
const patienceMs = 2000
const hint =
  'tetra: waiting for events on standard input (to get them from the agent, add < /dev/null)\n'

/**
 * Whether events come from the agent or from standard input. As in the original, standard input is
 * read unless it is a terminal or another character device such as /dev/null. With an address on
 * the command line, a pipe that is closed without data also selects the agent: cron jobs, `ssh -n`
 * and programs that start tetra leave such a pipe.
 */
export async function eventSource(
  address: string,
  { stdin, stdinKind = 'pipe', stderr }: Streams,
  patience = patienceMs,
): Promise<'agent' | 'input'> {
  if (stdinKind === 'device' || stdin.isTTY) return 'agent'
  if (stdinKind === 'file') return 'input'
  // At a terminal, the user knows about the pipe; `ssh -T` and programs leave one open silently.
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
    // A stream that has already ended only emits `end`.
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
