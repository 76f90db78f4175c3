import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { originalEvents } from '@tetragon-ts/test/console'

/** Milliseconds from the start of a program to that of the next one. */
const stepMs = 10
/** What differs between programs: times, process ids, and ids made of these. */
const variable = /"(?<time>2026-[^"]+Z)"|(?<=pid":|tid":)(?<pid>1[12]00)|"(?<id>a2luZ[^"]+)"/g

/** Writes a log as the original exports it: programs start, connect, and are denied a file. */
export async function writeLog(path: string, bytes: number): Promise<{ events: number }> {
  const makers = makersOf(originalEvents.map((event) => `${JSON.stringify(event)}\n`).join(''))
  let [written, events] = [0, 0]
  function* texts(): Generator<string> {
    for (let program = 0; written < bytes; program++) {
      const text = makers.map((make) => make(program)).join('')
      written += text.length
      events += originalEvents.length
      yield text
    }
  }
  await pipeline(Readable.from(texts()), createWriteStream(path))
  return { events }
}

/** Compresses a file. */
export function compress(path: string, to: string): Promise<void> {
  return pipeline(createReadStream(path), createGzip({ level: 1 }), createWriteStream(to))
}

/** Functions from the number of a program to parts of its text. */
function makersOf(text: string): ((program: number) => string)[] {
  const makers: ((program: number) => string)[] = []
  let end = 0
  for (const { 0: whole, index, groups = {} } of text.matchAll(variable)) {
    const before = text.slice(end, index)
    const { time, pid, id } = groups
    end = index + whole.length
    makers.push((program) => {
      if (time) return `${before}"${new Date(Date.parse(time) + program * stepMs).toISOString()}"`
      if (pid) return before + (Number(pid) + 2 * program)
      return `${before}"${id === undefined ? '' : idFor(id, program)}"`
    })
  }
  makers.push(() => text.slice(end))
  return makers
}

/** An exec id of another process. */
function idFor(id: string, program: number): string {
  const [node, , pid] = Buffer.from(id, 'base64').toString().split(':')
  if (pid === '1') return id
  const own = Number(pid) + 2 * program
  return Buffer.from(`${node}:${own}000000000:${own}`).toString('base64')
}
