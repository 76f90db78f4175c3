import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

export interface EventCount {
  readonly execs: number
  readonly exits: number
}

interface EventLine {
  readonly process_exec?: { readonly process: { readonly binary?: string } }
  readonly process_exit?: { readonly process: { readonly binary?: string } }
}

/** Counts the events of an export file whose process ran `binary`. */
export async function countEvents(file: string, binary: string): Promise<EventCount> {
  let execs = 0
  let exits = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const event = JSON.parse(line) as EventLine
    if (event.process_exec?.process.binary === binary) execs++
    if (event.process_exit?.process.binary === binary) exits++
  }
  return { execs, exits }
}

/** Counts the lines of a file of any size. */
export async function countLines(file: string): Promise<number> {
  let lines = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    const bytes = chunk as Buffer
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  }
  return lines
}
