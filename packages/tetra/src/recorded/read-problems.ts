import { escapeUnprintable } from '@tetragon-ts/api'

/** Where in a file something could not be read. */
export interface Place {
  readonly path: string
  /** Number of the line, from 1. */
  readonly line: number
}

/** How often something happened, and the first case. */
interface Cases {
  count: number
  first: string
}

/** What could not be read of recorded files. */
export class ReadProblems {
  readonly #broken: Cases = { count: 0, first: '' }
  readonly #cutOff: Cases = { count: 0, first: '' }
  readonly #unreadable: Cases = { count: 0, first: '' }

  /** A line is not an event, though it has an end. */
  brokenLine({ path, line }: Place, reason: string): void {
    add(this.#broken, `${path}, line ${line}: ${reason}`)
  }

  /** A file ends within a line, or within compressed data: it was copied or written in part. */
  cutOff({ path, line }: Place): void {
    add(this.#cutOff, `${path}, in line ${line}`)
  }

  /** A file cannot be read from a line on. */
  unreadable({ path, line }: Place, reason: string): void {
    add(this.#unreadable, `${path}, from line ${line} on: ${reason}`)
  }

  /** For the user; empty without problems. */
  get text(): string {
    return [
      textOf(this.#broken, 'skipped', 'broken line'),
      textOf(this.#cutOff, 'cut off:', 'file'),
      textOf(this.#unreadable, 'read in part:', 'file'),
    ]
      .filter((text) => text !== '')
      .join(', ')
  }
}

function add(cases: Cases, text: string): void {
  if (cases.count++ === 0) cases.first = escapeUnprintable(text)
}

function textOf({ count, first }: Cases, verb: string, what: string): string {
  if (count === 0) return ''
  if (count === 1) return `${verb} 1 ${what} (${first})`
  return `${verb} ${count.toLocaleString('en-US')} ${what}s (the first: ${first})`
}
