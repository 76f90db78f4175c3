import {
  compileGroups,
  compileRegExp,
  type GroupPattern,
  joinArguments,
  type Pattern,
} from '@tetragon-ts/api'
import { imageJson, imageText, jsonOfText, textOfJson } from '../json/image-text.ts'
import { ImageCache } from './image-cache.ts'
import type { RedactionRule } from './redaction-rule.ts'

const hidden = '*****'

/**
 * Finding all groups of a text can take the square of its length. It is given up, and the text
 * hidden as a whole, when it takes this long, in milliseconds, for a text whose matches looked at
 * so many characters; for one that is longer than the longest at once.
 */
const patienceMs = 20
const effortMax = 1 << 16
const longest = 1 << 18
/**
 * Characters times instructions of a pattern. Somebody who makes a text for the pattern has it take
 * 4 to 10 ns for each of them: a third of a second here. What is more is hidden without a look.
 */
const workMax = 1 << 25

interface CompiledFilter {
  readonly binaries: readonly Pattern[]
  readonly patterns: readonly GroupPattern[]
}

/** An argument vector as execve leaves it: each argument followed by a zero byte, argv[0] first. */
export interface ArgumentVector {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

/**
 * Removes secrets from the facts about a process: in each match of a pattern every group
 * becomes `*****`. A text that matches and is too long to look for the groups becomes that as a
 * whole, and so does one that is too long for a pattern of this size.
 */
export class Redaction {
  /** For texts that events show. */
  readonly #texts: readonly CompiledFilter[]
  /** For arguments as programs get them. */
  readonly #arguments: readonly CompiledFilter[]
  /** Images without secrets; those with some are not kept. */
  readonly #clean = new ImageCache<string>()
  /** Whether a pattern matched a text of the last image, for whatever binary. */
  #hadMatch = false

  /**
   * @throws RegExpError for a bad pattern, and for one without a group: it would hide nothing
   * @throws RangeError for a rule without patterns
   */
  constructor(rules: readonly RedactionRule[]) {
    for (const { redact = [], redact_arguments = [] } of rules) {
      if (redact.length + redact_arguments.length > 0) continue
      throw new RangeError('the filter has neither redact nor redact_arguments')
    }
    this.#texts = compile(rules, ({ redact }) => redact)
    this.#arguments = compile(rules, ({ redact_arguments }) => redact_arguments)
  }

  /**
   * JSON of a process's image without the secrets in its arguments.
   * @param args the arguments that it shows
   */
  redactImage(image: string, args: ArgumentVector): string {
    const key = this.#arguments.length === 0 ? image : `${image}${latin1Of(args)}`
    const known = this.#clean.find(key)
    if (known !== undefined) return known
    const inside = imageJson(image, 'arguments')
    if (inside === '') return image
    const text = textOfJson(inside)
    const binary = (): string => imageText(image, 'binary')
    this.#hadMatch = false
    const shown = this.#arguments.length === 0 ? text : this.#redactVector(text, args, binary)
    const rest = this.#apply(this.#texts, shown, binary)
    // They are the last of an image's fields.
    if (rest !== text) return `${image.slice(0, -inside.length - 1)}${jsonOfText(rest)}"`
    // Where a pattern matches and is not meant for this binary, the text is a secret of others.
    if (!this.#hadMatch) this.#clean.add(key, image)
    return image
  }

  /** @param text the arguments as they are shown, for a vector that has no secret */
  #redactVector(text: string, args: ArgumentVector, binary: () => string): string {
    const all = Buffer.from(
      args.bytes.buffer,
      args.bytes.byteOffset + args.from,
      args.to - args.from,
    )
    const end = all.at(-1) === 0 ? all.length - 1 : all.length
    const start = all.indexOf(0) + 1
    if (start === 0 || start > end) return text
    const vector = all.toString('utf8', start, end)
    const rest = this.#apply(this.#arguments, vector, binary)
    return rest === vector ? text : joinArguments(rest.split('\0'))
  }

  /**
   * A text of a process without its secrets; the same text if it has none.
   * @param binary gives the process's binary, if a filter asks for it
   */
  redact(text: string, binary: () => string): string {
    return this.#apply(this.#texts, text, binary)
  }

  #apply(filters: readonly CompiledFilter[], text: string, binary: () => string): string {
    let result = text
    for (const { binaries, patterns } of filters) {
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

/** Filters that have such patterns. */
function compile(
  rules: readonly RedactionRule[],
  patternsOf: (rule: RedactionRule) => readonly string[] | undefined,
): CompiledFilter[] {
  return rules.flatMap((rule) => {
    const patterns = (patternsOf(rule) ?? []).map(compileGroups)
    const binaries = (rule.binary_regex ?? []).map(compileRegExp)
    return patterns.length === 0 ? [] : [{ binaries, patterns }]
  })
}

function latin1Of({ bytes, from, to }: ArgumentVector): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
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
