import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { FollowedFile } from './followed-file.ts'

/** Milliseconds between reads of files without new data. */
const interval = 200

/**
 * Prints export files of the agent from their start and follows them: the container
 * `export-stdout`. Nothing else is written to standard output or standard error, which are mixed in
 * the container's log. Never ends.
 */
async function printFiles(paths: readonly string[]): Promise<void> {
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

/** Waits for a slow reader; the events stay in the file. */
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

// The first process of a pid namespace ignores signals without a handler.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0))
await printFiles(process.argv.slice(2))
