import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { FollowedFile } from './followed-file.ts'

/** Milliseconds between looks at files that had nothing new. */
const interval = 200

/**
 * Prints files that the agent exports events to, from their start, and goes on with what is added
 * to them: the container `export-stdout`. It writes nothing else to standard output or standard
 * error, which a container's log mixes. Never ends.
 */
export async function printFiles(paths: readonly string[]): Promise<void> {
  const files = paths.map((path) => new FollowedFile(path))
  for (;;) {
    let isIdle = true
    for (const file of files) {
      const bytes = await file.read()
      if (bytes === undefined) continue
      isIdle = false
      await writeAll(bytes)
    }
    if (isIdle) await delay(interval)
  }
}

/** Waits while the reader is slow: the events are safe in the file. */
async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(1, bytes, from)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      await delay(interval)
    }
  }
}

// The first process of a container ignores signals that it has no handler for.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0))
await printFiles(process.argv.slice(2))
