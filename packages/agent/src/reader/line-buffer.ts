import { ByteWriter } from '../bytes/byte-writer.ts'
import type { EventClass } from './event-class.ts'
import { addLines, type LineRun } from './line-runs.ts'

/** Lines of events with their classes. */
export class LineBuffer extends ByteWriter {
  #runs: LineRun[] = []

  /** A line of this class ends here. */
  endLine(eventClass: EventClass): void {
    addLines(this.#runs, eventClass, this.length)
  }

  /** Removes the last line, which begins at `from`. */
  dropLine(from: number): void {
    this.length = from
    const last = this.#runs.at(-1)
    if (last === undefined) return
    last.to = from
    if (--last.lines === 0) this.#runs.pop()
  }

  /** Classes of the lines. A receiver may keep them until the buffer is cleared, and after that. */
  get runs(): readonly LineRun[] {
    return this.#runs
  }

  /** Class of the last line. */
  get lastClass(): EventClass {
    return this.#runs[this.#runs.length - 1].eventClass
  }

  override clear(): void {
    super.clear()
    this.#runs = []
  }
}
