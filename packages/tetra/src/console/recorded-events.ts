import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { frame, stateFrame } from '@tetragon-ts/console/frames'
import { readDecoded } from '../recorded/decoded-events.ts'
import { mergeFiles } from '../recorded/merge-files.ts'
import { ReadProblems } from '../recorded/read-problems.ts'
import { RecordedFile } from '../recorded/recorded-file.ts'
import type { EventSource } from './event-source.ts'

/** Events of files, for pages. */
export class RecordedEvents implements EventSource {
  readonly agents = undefined
  readonly #files: readonly RecordedFile[]

  private constructor(files: readonly RecordedFile[]) {
    this.#files = files
  }

  /** @throws Error if one of the files cannot be read */
  static async find(paths: readonly string[]): Promise<RecordedEvents> {
    const files: RecordedFile[] = []
    // One after the other: there may be more files than a process may open.
    for (const path of paths) files.push(await RecordedFile.find(path))
    return new RecordedEvents(files)
  }

  /**
   * Sends all events to a page in order of time, as fast as the page reads them, and then a state
   * that says so. The stream stays open: a page opens a stream that has ended again.
   */
  async send(page: Writable, signal: AbortSignal): Promise<void> {
    const problems = new ReadProblems()
    let count = 0
    const write = async (bytes: Uint8Array): Promise<void> => {
      if (!page.write(bytes)) await once(page, 'drain', { signal })
    }
    try {
      await write(stateFrame({ isConnected: true, isRecorded: true }))
      for await (const events of mergeFiles(this.#files, problems, readDecoded)) {
        if (signal.aborted) return
        count += events.length
        await write(Buffer.concat(events.map(({ bytes }) => frame('event', bytes))))
      }
      await write(stateFrame({ isConnected: true, recorded: this.#summary(count, problems) }))
      if (!signal.aborted) await once(signal, 'abort')
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  #summary(events: number, { text }: ReadProblems): string {
    const files = this.#files.length === 1 ? '1 file' : `${this.#files.length} files`
    const all = `recorded: ${events.toLocaleString('en-US')} events of ${files}`
    return text === '' ? all : `${all}, ${text}`
  }
}
