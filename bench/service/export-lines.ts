import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { producerMark } from './marks.ts'

/** Counts the producer's events in export files; each line must be JSON. */
export async function countMarked(files: readonly string[]): Promise<number> {
  const mark = producerMark.toString()
  let count = 0
  for (const file of files) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      if (!line.includes(mark)) continue
      JSON.parse(line)
      count++
    }
  }
  return count
}
