import {
  compileGroups,
  compileRegExp,
  type GroupPattern,
  type Pattern,
  type RedactionFilter,
} from '@tetragon-ts/api'
import type { ByteWriter } from '../byte-writer.ts'
import { jsonOfText, textOfJson } from '../image-text.ts'

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
 * Programs are started with the same arguments again and again: so many texts without secrets are
 * remembered, if they are no longer than this.
 */
const cleanMax = 4096
const cleanLength = 1024

interface CompiledFilter {
  readonly binaries: readonly Pattern[]
  readonly patterns: readonly GroupPattern[]
}

/**
 * Takes secrets out of what events tell of a process: in each match of a pattern every group becomes
 * `*****`. A text that matches and is too long to look for the groups becomes that as a whole.
 */
export class Redaction {
  readonly #filters: readonly CompiledFilter[]
  /** Insides of JSON strings, in latin1. */
  readonly #clean = new Set<string>()
  /** Whether a pattern matched the last text, for whatever binary. */
  #hadMatch = false

  /** @throws RegExpError for a bad pattern, and for one without a group: it would hide nothing */
  constructor(filters: readonly RedactionFilter[]) {
    this.#filters = filters.map(({ redact = [], binary_regex = [] }) => ({
      binaries: binary_regex.map(compileRegExp),
      patterns: redact.map(compileGroups),
    }))
  }

  /**
   * The inside of a JSON string, in latin1, without the secrets of its text; the same if it has none.
   * @param binary gives the process's binary, if a filter asks for it
   */
  redactJson(inside: string, binary: () => string): string {
    if (this.#clean.has(inside)) return inside
    const text = textOfJson(inside)
    const rest = this.redact(text, binary)
    if (rest !== text) return jsonOfText(rest)
    // Where a pattern matches and is not meant for this binary, it may be for another one.
    if (inside.length <= cleanLength && !this.#hadMatch) this.#remember(inside)
    return inside
  }

  #remember(inside: string): void {
    if (this.#clean.size >= cleanMax) this.#clean.clear()
    this.#clean.add(inside)
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
        if (!pattern.test(result)) continue
        this.#hadMatch = true
        isMeant ||= binaries.some((each) => each.test(binary()))
        if (!isMeant) break
        result = hideGroups(result, pattern)
      }
    }
    return result
  }
}

/**
 * Redacts what was written last into a buffer.
 * @param from where the inside of a JSON string begins, which goes up to the buffer's end
 */
export function redactJson(
  out: ByteWriter,
  from: number,
  redaction: Redaction,
  binary: () => string,
): void {
  const inside = out.latin1Since(from)
  const rest = redaction.redactJson(inside, binary)
  if (rest === inside) return
  out.length = from
  out.latin1(rest)
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
