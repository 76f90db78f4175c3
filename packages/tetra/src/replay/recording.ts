import { mergeFiles } from '../recorded/merge-files.ts'
import { ReadProblems } from '../recorded/read-problems.ts'
import type { ReadLine, RecordedEvent } from '../recorded/record-reader.ts'
import { RecordedFile } from '../recorded/recorded-file.ts'
import { Pace, type Tempo } from './pace.ts'

/** Files of recorded events, to be played any number of times. */
export class Recording {
  readonly #files: readonly RecordedFile[]
  readonly #tempo: Tempo

  private constructor(files: readonly RecordedFile[], tempo: Tempo) {
    this.#files = files
    this.#tempo = tempo
  }

  /** @throws Error if one of the files cannot be read */
  static async find(paths: readonly string[], tempo: Tempo): Promise<Recording> {
    const files: RecordedFile[] = []
    // One after the other: there may be more files than a process may open.
    for (const path of paths) files.push(await RecordedFile.find(path))
    return new Recording(files, tempo)
  }

  /**
   * Plays all events in order of time, each when it is due.
   * @param problems gets what cannot be read
   */
  async *play<Recorded extends RecordedEvent>(
    readLine: ReadLine<Recorded>,
    problems: ReadProblems,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Recorded[]> {
    const pace = new Pace(this.#tempo)
    for await (const events of mergeFiles(this.#files, problems, readLine)) {
      let next = 0
      while (next < events.length && !signal.aborted) {
        await pace.wait(events[next].time, signal)
        const due = pace.due(events, next)
        yield next === 0 && due === events.length ? events : events.slice(next, due)
        next = due
      }
      if (signal.aborted) return
    }
  }
}

/** What a replay has done, for the user. */
export class ReplaySummary {
  readonly problems = new ReadProblems()
  readonly #began = performance.now()
  events = 0

  /** 1 if there was something, and nothing of it could be read. */
  get exitCode(): number {
    return this.events === 0 && this.problems.text !== '' ? 1 : 0
  }

  /** One line. */
  get text(): string {
    const seconds = (performance.now() - this.#began) / 1000
    const rate = Math.round(this.events / Math.max(seconds, 0.001)).toLocaleString('en-US')
    const count = this.events.toLocaleString('en-US')
    const done = `replayed ${count} events in ${seconds.toFixed(1)} s (${rate}/s)`
    return this.problems.text === '' ? done : `${done}, ${this.problems.text}`
  }
}
