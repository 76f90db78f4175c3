import { type CharSet, charSet, lastCodePoint, negated, withBothCases } from './char-set.ts'
import { parseClass, perlClass } from './parse-class.ts'
import type { Position, Syntax } from './syntax.ts'
import { controlCharacters, UnknownConstruct } from './unknown-construct.ts'

/** Nested groups; deeper ones are not supported. */
const deepest = 50

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
}

const positions = new Map<string, Position>([
  ['A', 'textStart'],
  ['z', 'textEnd'],
  ['b', 'border'],
  ['B', 'noBorder'],
])

/**
 * Parses a valid expression in RE2 syntax. Undefined for constructs that are not supported, such as
 * Unicode classes: the general engine evaluates these.
 */
export function parseSyntax(source: string): Syntax | undefined {
  try {
    const parser = new Parser(source)
    const syntax = parser.choice(0, { i: false, m: false, s: false })
    return parser.atEnd ? syntax : undefined
  } catch (error) {
    if (error instanceof UnknownConstruct) return undefined
    throw error
  }
}

class Parser {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length
  }

  choice(depth: number, outer: Flags): Syntax {
    if (depth > deepest) throw new UnknownConstruct()
    const alternatives: Syntax[] = []
    let sequence: Syntax[] = []
    let flags = outer
    while (!this.atEnd && this.#source[this.#at] !== ')') {
      const changed = this.#take(/\(\?([ims]*)(?:-([ims]+))?\)/y)
      if (changed !== undefined) flags = withFlags(flags, changed[1], changed[2])
      else if (this.#take(/\|/y)) {
        alternatives.push(inSequence(sequence))
        sequence = []
      } else if (this.#take(/\\Q/y)) {
        const [, text] = this.#take(/(.*?)(?:\\E|$)/sy) ?? []
        const characters = [...(text ?? '')].map((each) => character(each, flags))
        const last = characters.pop()
        if (last === undefined) throw new UnknownConstruct()
        sequence.push(...characters, this.#repeated(last))
      } else sequence.push(this.#repeated(this.#element(depth, flags)))
    }
    alternatives.push(inSequence(sequence))
    return alternatives.length === 1 ? alternatives[0] : { kind: 'choice', of: alternatives }
  }

  #element(depth: number, flags: Flags): Syntax {
    const [next] = this.#take(/./suy) ?? ['']
    switch (next) {
      case '(': {
        const inner = this.#take(/\?([ims]*)(?:-([ims]+))?:/y)
        const isNamed = inner === undefined && this.#take(/\?P?<\w+>/y) !== undefined
        if (!isNamed && inner === undefined && this.#source[this.#at] === '?')
          throw new UnknownConstruct()
        const syntax = this.choice(depth + 1, inner ? withFlags(flags, inner[1], inner[2]) : flags)
        if (!this.#take(/\)/y)) throw new UnknownConstruct()
        return syntax
      }
      case '[': {
        const { set, length } = parseClass(this.#source, this.#at, flags.i)
        this.#at += length
        return { kind: 'set', set }
      }
      case '.':
        return { kind: 'set', set: flags.s ? [0, lastCodePoint] : negated([0x0a, 0x0a]) }
      case '^':
        return { kind: 'position', position: flags.m ? 'lineStart' : 'textStart' }
      case '$':
        return { kind: 'position', position: flags.m ? 'lineEnd' : 'textEnd' }
      case '*':
      case '+':
      case '?':
        throw new UnknownConstruct()
      case '\\':
        return this.#escape(flags)
      default:
        return character(next, flags)
    }
  }

  #escape(flags: Flags): Syntax {
    const [, hex, braced] = this.#take(/x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/y) ?? []
    if (hex ?? braced) return set(Number.parseInt(hex ?? braced ?? '', 16), flags)
    const [next] = this.#take(/./suy) ?? ['']
    const position = positions.get(next)
    if (position !== undefined) return { kind: 'position', position }
    const named = perlClass(next, flags.i) ?? controlCharacters.get(next)
    if (named !== undefined) return { kind: 'set', set: named }
    if (next === '' || /\w/.test(next)) throw new UnknownConstruct()
    return character(next, flags)
  }

  /** An element with what repeats it. */
  #repeated(element: Syntax): Syntax {
    const match = this.#take(/(?:([*?+])|\{(\d+)(,?)(\d*)\})\??/y)
    if (match === undefined) return element
    // The general engine refuses repetitions of repetitions, or simplifies them.
    if (/[*+?]|\{\d+,?\d*\}/y.test(this.#source.slice(this.#at))) throw new UnknownConstruct()
    const [, sign, from, comma, to] = match
    const least = sign === undefined ? Number(from) : sign === '+' ? 1 : 0
    const limit = to || (comma ? Number.POSITIVE_INFINITY : from)
    const most = sign === undefined ? Number(limit) : sign === '?' ? 1 : Number.POSITIVE_INFINITY
    return { kind: 'repetition', of: element, least, most }
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source) ?? undefined
    if (match) this.#at += match[0].length
    return match
  }
}

function inSequence(of: readonly Syntax[]): Syntax {
  return of.length === 1 ? of[0] : { kind: 'sequence', of }
}

function withFlags(flags: Flags, on: string, off = ''): Flags {
  const is = (flag: keyof Flags) => (flags[flag] || on.includes(flag)) && !off.includes(flag)
  return { i: is('i'), m: is('m'), s: is('s') }
}

function character(text: string, flags: Flags): Syntax {
  return set(text.codePointAt(0) ?? 0, flags)
}

function set(code: number, flags: Flags): Syntax {
  const one: CharSet = charSet([[code, code]])
  const folded = flags.i ? withBothCases(one) : one
  if (folded === undefined || code > lastCodePoint) throw new UnknownConstruct()
  return { kind: 'set', set: folded }
}
