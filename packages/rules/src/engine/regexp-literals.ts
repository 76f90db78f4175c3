/** Shorter literals occur in nearly every text. */
const shortest = 2
/** More alternatives are not worth it. */
const alternativesMax = 256
/** Nearly every path has these: as good as the shortest literals. */
const common = /^\/?(?:usr|s?bin|lib)\/?$/
/** Nested groups; deeper ones count as without literals. */
const deepest = 50

/**
 * Texts of which each match of a regular expression contains at least one, in any case; undefined
 * if none are certain. Only constructs that are understood count, everything else is "any text".
 */
export function requiredLiterals(source: string): readonly string[] | undefined {
  try {
    const reader = new Reader(source)
    const found = reader.alternatives(0)
    return reader.atEnd && isUseful(found) ? found : undefined
  } catch (error) {
    if (error === unclear) return undefined
    throw error
  }
}

/** Thrown for constructs that are not understood. */
const unclear = new Error('unclear')

/** Literals of which one must occur; empty: nothing is certain. */
type Required = readonly string[]

function isUseful(found: Required): boolean {
  return found.length > 0 && found.length <= alternativesMax && quality(found) >= shortest
}

/** The shortest literal decides how often a search finds something. */
function quality(found: Required): number {
  if (found.length === 0) return 0
  return Math.min(...found.map((text) => (common.test(text) ? shortest : text.length)))
}

class Reader {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length
  }

  alternatives(depth: number): Required {
    if (depth > deepest) throw unclear
    const all = [this.#sequence(depth)]
    while (this.#source[this.#at] === '|') {
      this.#at++
      all.push(this.#sequence(depth))
    }
    return all.some((each) => each.length === 0) ? [] : all.flat()
  }

  /** The best literal of a sequence; runs of characters are one. */
  #sequence(depth: number): Required {
    let best: Required = []
    let run = ''
    const offer = (found: Required): void => {
      if (found.length <= alternativesMax && quality(found) > quality(best)) best = found
    }
    const endRun = (): void => {
      if (run !== '') offer([run])
      run = ''
    }
    while (!this.atEnd && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')') {
      const { literal, found } = this.#element(depth)
      const repeats = this.#repetition()
      if (literal !== undefined && repeats === 'once') run += literal
      else if (literal !== undefined && repeats === 'atLeastOnce') {
        run += literal
        endRun()
      } else {
        endRun()
        if (repeats !== 'optional') offer(found ?? [])
      }
    }
    endRun()
    return best
  }

  /** A character, or something else. */
  #element(depth: number): { readonly literal?: string; readonly found?: Required } {
    const character = this.#source[this.#at++]
    switch (character) {
      case '(':
        return this.#group(depth)
      case '[':
        this.#skipClass()
        return {}
      case '.':
      case '^':
      case '$':
        return {}
      case '\\':
        return this.#escape()
      case '{':
      case '*':
      case '+':
      case '?':
        throw unclear
      default:
        // Characters above ASCII have case forms that folding does not know.
        return character > '\x7f' ? {} : { literal: character }
    }
  }

  #group(depth: number): { readonly found: Required } {
    const start = /\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?([:)]))/y
    start.lastIndex = this.#at
    const match = start.exec(this.#source)
    if (match === null && this.#source[this.#at] === '?') throw unclear
    this.#at += match?.[0].length ?? 0
    if (match?.[1] === ')') return { found: [] }
    const found = this.alternatives(depth + 1)
    if (this.#source[this.#at++] !== ')') throw unclear
    return { found }
  }

  #escape(): { readonly literal?: string } {
    const character = this.#source[this.#at++]
    if (character === undefined) throw unclear
    // Classes, borders of words, and others that end here.
    if (/[dDsSwWbBAzC]/.test(character)) return {}
    if (/[a-zA-Z0-9]/.test(character)) throw unclear
    return { literal: character }
  }

  #skipClass(): void {
    const pattern = /\^?\]?(?:\[:\^?\w+:\]|\\[^\n]|[^\]\\])*\]/y
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match === null) throw unclear
    this.#at += match[0].length
  }

  #repetition(): 'once' | 'optional' | 'atLeastOnce' {
    const pattern = /(?:([*?])|\+|\{(\d+)(?:,\d*)?\})[?+]?/y
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match === null) return 'once'
    this.#at += match[0].length
    const isOptional = match[1] !== undefined || match[2] === '0' || /^0+$/.test(match[2] ?? '1')
    return isOptional ? 'optional' : 'atLeastOnce'
  }
}
