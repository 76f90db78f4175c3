import { escapeUnprintable } from '@tetragon-ts/api'

/** What could not be read: how often, and the first case. */
export class SkippedLines {
  count = 0
  #first = ''

  /** @param where in the file */
  add(path: string, where: string, reason: string): void {
    if (this.count++ === 0) this.#first = escapeUnprintable(`${path}, ${where}: ${reason}`)
  }

  /** For the user; empty if nothing was skipped. */
  get text(): string {
    if (this.count === 0) return ''
    const what = this.count === 1 ? '1 line' : `${this.count.toLocaleString('en-US')} lines`
    return `skipped ${what} (the first: ${this.#first})`
  }
}
