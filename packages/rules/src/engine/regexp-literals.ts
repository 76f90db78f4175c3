import { type Syntax, withBothCases } from '@tetragon-ts/policy/regexp'
import { fold } from '../text/fold.ts'

/** Shorter literals occur in nearly every text. */
const shortest = 2
/** More alternatives are not worth it. */
const alternativesMax = 256
/** Nearly every path has these: as good as the shortest literals. */
const common = /^\/?(?:usr|s?bin|lib)\/?$/

/** Literals of which one must occur; empty: nothing is certain. */
type Required = readonly string[]

/**
 * Texts, folded, of which each match of a regular expression contains at least one; undefined if
 * none are certain, or if they would occur nearly everywhere.
 */
export function requiredLiterals(syntax: Syntax): readonly string[] | undefined {
  const found = requiredOf(syntax)
  const isUseful = found.length > 0 && found.length <= alternativesMax && quality(found) >= shortest
  return isUseful ? found : undefined
}

/** The shortest literal decides how often a search finds something. */
function quality(found: Required): number {
  if (found.length === 0) return 0
  return Math.min(...found.map((text) => (common.test(text) ? shortest : text.length)))
}

function requiredOf(syntax: Syntax): Required {
  switch (syntax.kind) {
    case 'choice': {
      const all = syntax.of.map(requiredOf)
      return all.some((each) => each.length === 0) ? [] : all.flat()
    }
    case 'repetition':
      return syntax.least === 0 ? [] : requiredOf(syntax.of)
    case 'position':
      return []
    default:
      return new Runs().of(syntax)
  }
}

/** Finds the best literals of a sequence. */
class Runs {
  #best: Required = []
  #run = ''

  of(syntax: Syntax): Required {
    this.#add(syntax)
    this.#endRun()
    return this.#best
  }

  #add(syntax: Syntax): void {
    if (syntax.kind === 'sequence') {
      for (const each of syntax.of) this.#add(each)
      return
    }
    const letter = syntax.kind === 'set' ? letterOf(syntax.set) : undefined
    if (letter !== undefined) {
      this.#run += letter
      return
    }
    const repeated =
      syntax.kind === 'repetition' && syntax.least > 0 && syntax.of.kind === 'set'
        ? letterOf(syntax.of.set)
        : undefined
    // A positive number of a character continues what was before it, once.
    if (repeated !== undefined) this.#run += repeated
    this.#endRun()
    if (syntax.kind !== 'set') this.#offer(requiredOf(syntax))
  }

  #endRun(): void {
    if (this.#run !== '') this.#offer([this.#run])
    this.#run = ''
  }

  #offer(found: Required): void {
    if (found.length <= alternativesMax && quality(found) > quality(this.#best)) this.#best = found
  }
}

/**
 * The only character of a set, in lower case, perhaps with its upper case. Characters above ASCII
 * have case forms that folding does not know.
 */
function letterOf(set: readonly number[]): string | undefined {
  if (set[0] > 0x7f) return undefined
  const letter = fold(String.fromCharCode(set[0]))
  if (set.length === 2 && set[0] === set[1]) return letter
  const code = letter.charCodeAt(0)
  const folded = withBothCases([code, code]) ?? []
  return folded.length === set.length && folded.every((each, i) => each === set[i])
    ? letter
    : undefined
}
