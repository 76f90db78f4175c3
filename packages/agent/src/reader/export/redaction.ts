import {
  compileGroups,
  compileRegExp,
  type GroupPattern,
  type Pattern,
} from '@tetragon-ts/policy/regexp'
import { joinArguments } from '../../processes/join-arguments.ts'
import { imageJson, imageText, jsonOfText, textOfJson } from '../json/image-text.ts'
import { ImageCache } from './image-cache.ts'
import type { RedactionRule } from './redaction-rule.ts'

// Users choose the arguments and, indirectly, how long a pattern takes. A pattern is first tested
// for a match, in linear time: characters times instructions, so counted repetitions are bounded.
// Data of processes that hooks read has no image: it is redacted when its event is written.

const hidden = '*****'

/**
 * Finding all groups of a text can take quadratic time. The text is hidden as a whole if it takes
 * this long, in milliseconds, for a text whose matches have looked at this many characters; longer
 * texts are hidden immediately.
 */
const patienceMs = 20
const effortMax = 1 << 16
const longest = 1 << 18
/**
 * Characters times instructions of a pattern. A text made to be slow takes 4 to 10 ns for each: a
 * third of a second at this limit. Beyond it a text is hidden without evaluating the pattern.
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
 * Removes secrets from process facts: each group of a pattern's matches is replaced by `*****`. A
 * matching text that is too long for finding the groups, and a text that is too long for a pattern
 * of this size, are replaced as a whole.
 */
export class Redaction {
  /** Patterns for texts as events show them. */
  readonly #texts: readonly CompiledFilter[]
  /** Patterns for arguments as programs receive them. */
  readonly #arguments: readonly CompiledFilter[]
  /** Images without secrets; images with secrets are not cached. */
  readonly #clean = new ImageCache<string>()
  /** Whether the arguments of the last image were changed. */
  hasChangedImage = false
  /** Whether a pattern matched a text of the last image, for any binary. */
  #hadMatch = false

  /**
   * @throws RegExpError for an invalid pattern, and for one without a group, which would hide
   *   nothing
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
   * JSON of a process's image with its arguments redacted.
   * @param args the arguments that it shows
   */
  redactImage(image: string, args: ArgumentVector): string {
    const key = this.#arguments.length === 0 ? image : `${image}${latin1Of(args)}`
    this.hasChangedImage = false
    const known = this.#clean.find(key)
    if (known !== undefined) return known
    const inside = imageJson(image, 'arguments')
    if (inside === '') return image
    const text = textOfJson(inside)
    const binary = (): string => imageText(image, 'binary')
    this.#hadMatch = false
    const shown = this.#arguments.length === 0 ? text : this.#redactVector(text, args, binary)
    const rest = this.#apply(this.#texts, shown, binary)
    // The arguments are the last field of an image.
    this.hasChangedImage = rest !== text
    if (this.hasChangedImage) return `${image.slice(0, -inside.length - 1)}${jsonOfText(rest)}"`
    // A text that matches a pattern for other binaries may be one of their secrets: it is not
    // cached.
    if (!this.#hadMatch) this.#clean.add(key, image)
    return image
  }

  /** @param text the arguments as shown, for a vector without a secret */
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
   * The redacted text of a process; the same text if it has no secret.
   * @param binary returns the binary of the process, if a filter needs it
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

/** Filters with patterns of this kind. */
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
      // A group inside a hidden one, or one that did not match.
      if (from < copied || from < 0) continue
      result += text.slice(copied, from) + hidden
      copied = to
    }
    effort += text.length - index
  }
  return result + text.slice(copied)
}
