import { execFile } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { redact } from './redact.ts'
import type { ArchivedFile } from './tar.ts'

/** Longer logs are truncated at the start. */
const longestLog = 10 * 1024 * 1024
const longestRunMs = 10_000
const largestOutput = 64 * 1024 * 1024

/** Collects pieces; a piece that fails is recorded and does not affect others. */
export class Collector {
  readonly files: ArchivedFile[] = []
  readonly #missing: string[] = []

  /** Pieces that failed, one line each. */
  get missing(): readonly string[] {
    return this.#missing
  }

  /** Adds a piece without its secrets. */
  async take(name: string, get: () => Promise<string | Buffer>): Promise<void> {
    try {
      const content = await get()
      const text = typeof content === 'string' ? content : content.toString('utf8')
      this.files.push({ name, content: Buffer.from(redact(text)) })
    } catch (error) {
      this.#missing.push(`${name}: ${(error as Error).message.trim()}`)
    }
  }

  json(name: string, get: () => Promise<unknown>): Promise<void> {
    return this.take(name, async () => `${JSON.stringify(await get(), undefined, 2)}\n`)
  }

  file(name: string, path: string): Promise<void> {
    return this.take(name, () => readFile(path))
  }

  /** The end of a long file. */
  log(name: string, path: string): Promise<void> {
    return this.take(name, async () => {
      await using file = await open(path)
      const { size } = await file.stat()
      const length = Math.min(size, longestLog)
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(length),
        position: size - length,
      })
      return buffer.subarray(0, bytesRead)
    })
  }

  /** Output of a program. */
  program(name: string, path: string, ...args: string[]): Promise<void> {
    return this.take(name, async () => {
      const options = { timeout: longestRunMs, maxBuffer: largestOutput }
      const { stdout, stderr } = await promisify(execFile)(path, args, options)
      return stdout + stderr
    })
  }
}
