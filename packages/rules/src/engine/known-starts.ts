import type { Position } from '@tetragon-ts/policy/regexp'

/** What was found in a text that other texts begin with. */
export interface KnownStart {
  readonly heads: readonly number[]
  readonly hits: readonly number[]
  readonly undecided: readonly number[]
  /** State of the automaton of literals after it. */
  readonly at: number
  /** The same of heads; undefined: nothing after it matters. */
  readonly position: Position | undefined
}

/** Of a field; if there are more, all are forgotten. */
const startsMax = 1000
/** UTF-16 units; longer ones are searched each time. */
const longest = 256

/**
 * What is known of the starts of texts: most programs that a host executes were executed before, so
 * their paths need not be searched again.
 */
export class KnownStarts {
  readonly #byText = new Map<string, KnownStart | 'unknown'>()

  /** 'unknown': texts with it are searched from the start. Undefined: it is new. */
  get(start: string): KnownStart | 'unknown' | undefined {
    return start.length > longest ? 'unknown' : this.#byText.get(start)
  }

  /** @returns what was found */
  set<Found extends KnownStart | 'unknown'>(start: string, found: Found): Found {
    if (this.#byText.size >= startsMax) this.#byText.clear()
    this.#byText.set(start, found)
    return found
  }
}
