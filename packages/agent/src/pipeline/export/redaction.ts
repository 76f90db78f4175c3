import {
  compileGroups,
  compileRegExp,
  type GroupPattern,
  type Pattern,
  type RedactionFilter,
} from '@tetragon-ts/api'
import { imageJson, imageText, jsonOfText, textOfJson } from '../image-text.ts'
import { KnownImages } from './known-images.ts'

const hidden = '*****'

/**
 * Finding all groups of a text can take the square of its length. It is given up, and the text hidden as a
 * whole, when it takes this long, in milliseconds, for a text whose matches looked at so many characters;
 * for one that is longer than the longest at once.
 */
const patienceMs = 20
const effortMax = 1 << 16
const longest = 1 << 18
/**
 * Characters times instructions of a pattern. Somebody who makes a text for the pattern has it take 4 to 10 ns
 * for each of them: a third of a second here. What is more is hidden without a look.
 */
const workMax = 1 << 25

interface CompiledFilter {
  readonly binaries: readonly Pattern[]
  readonly patterns: readonly GroupPattern[]
}

/**
 * Takes secrets out of what events tell of a process: in each match of a pattern every group becomes
 * `*****`. A text that matches and is too long to look for the groups becomes that as a whole, and so does
 * one that is too long for a pattern of this size.
 */
export class Redaction {
  readonly #filters: readonly CompiledFilter[]
  /** Images without secrets; those with some are not kept. */
  readonly #clean = new KnownImages<string>()
  /** Whether a pattern matched the last text, for whatever binary. */
  #hadMatch = false

  /** @throws RegExpError for a bad pattern, and for one without a group: it would hide nothing */
  constructor(filters: readonly RedactionFilter[]) {
    this.#filters = filters.map(({ redact = [], binary_regex = [] }) => ({
      binaries: binary_regex.map(compileRegExp),
      patterns: redact.map(compileGroups),
    }))
  }

  /** JSON of a process's image without the secrets in its arguments. */
  redactImage(image: string): string {
    const known = this.#clean.find(image)
    if (known !== undefined) return known
    const inside = imageJson(image, 'arguments')
    if (inside === '') return image
    const text = textOfJson(inside)
    const rest = this.redact(text, () => imageText(image, 'binary'))
    // They are the last of an image's fields.
    if (rest !== text) return `${image.slice(0, -inside.length - 1)}${jsonOfText(rest)}"`
    // Where a pattern matches and is not meant for this binary, the text is a secret of others.
    if (!this.#hadMatch) this.#clean.add(image, image)
    return image
  }

  /**
   * A text of a process without its secrets; the same text if it has none.
   * @param binary gives the process's binary, if a filter asks for it
   */
  redact(text: string, binary: () => string): string {
    let result = text
    this.#hadMatch = false
    for (const { binaries, patterns } of this.#filters) {
      let isMeant = binaries.length === 0
      for (const pattern of patterns) {
        const isTooMuch = result.length * pattern.size > workMax
        if (!isTooMuch && !pattern.test(result)) continue
        this.#hadMatch = true
        isMeant ||= binaries.some((each) => each.test(binary()))
        if (!isMeant) break
        result = isTooMuch ? hidden : hideGroups(result, pattern)
      }
    }
    return result
  }
}

function hideGroups(text: string, pattern: GroupPattern): string {
  if (text.length > longest) return hidden
  const began = performance.now()
  let effort = 0
  let result = ''
  let copied = 0
  for (const { index, groups } of pattern.matches(text)) {
    if (effort > effortMax && performance.now() - began > patienceMs) return hidden
    for (const [from, to] of groups) {
      // A group inside of a hidden one, or one that took no part.
      if (from < copied || from < 0) continue
      result += text.slice(copied, from) + hidden
      copied = to
    }
    effort += text.length - index
  }
  return result + text.slice(copied)
}
