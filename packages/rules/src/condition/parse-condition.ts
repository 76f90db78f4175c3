import type { Expression } from '../model/expression.ts'
import { join } from '../model/expression.ts'
import { ConditionError, type Token, tokensOf } from './tokens.ts'

/** Maximum number of words, and of nested parentheses. */
const wordsMax = 10_000
const deepest = 100
/** Maximum number of tests after all patterns are expanded. */
const testsMax = 200_000

/** A search identifier of a detection. */
export interface Identifier {
  readonly expression: Expression
  /** Number of its tests. */
  readonly size: number
}

const keywords = new Set(['and', 'or', 'not', 'of'])

/**
 * Parses a condition: search identifiers joined by `and`, `or`, `not`, and `1 of …`, `any of …`
 * or `all of …` with a pattern of names.
 * @throws ConditionError with the position
 */
export function parseCondition(
  condition: string,
  identifiers: ReadonlyMap<string, Identifier>,
): Expression {
  const tokens = tokensOf(condition)
  if (tokens.length > wordsMax) {
    throw new ConditionError(`more than ${wordsMax} words`, tokens[wordsMax].at)
  }
  return new Parser(condition, tokens, identifiers).parse()
}

class Parser {
  readonly #end: number
  readonly #tokens: readonly Token[]
  readonly #identifiers: ReadonlyMap<string, Identifier>
  #at = 0
  #depth = 0
  #size = 0

  constructor(
    condition: string,
    tokens: readonly Token[],
    identifiers: ReadonlyMap<string, Identifier>,
  ) {
    this.#end = condition.length
    this.#tokens = tokens
    this.#identifiers = identifiers
  }

  parse(): Expression {
    const expression = this.#or()
    const left = this.#tokens[this.#at]
    if (left !== undefined) {
      throw new ConditionError(`expected "and" or "or", not ${JSON.stringify(left.text)}`, left.at)
    }
    return expression
  }

  #takes(text: string): boolean {
    if (this.#tokens[this.#at]?.text !== text) return false
    this.#at++
    return true
  }

  #or(): Expression {
    const of = [this.#and()]
    while (this.#takes('or')) of.push(this.#and())
    return join('or', of)
  }

  #and(): Expression {
    const of = [this.#not()]
    while (this.#takes('and')) of.push(this.#not())
    return join('and', of)
  }

  #not(): Expression {
    let negated = false
    while (this.#takes('not')) negated = !negated
    const term = this.#term()
    return negated ? { kind: 'not', of: term } : term
  }

  #term(): Expression {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new ConditionError('the condition ends too early', this.#end)
    const { text, at } = token
    this.#at++
    if (text === '(') {
      if (++this.#depth > deepest) throw new ConditionError('too many nested parentheses', at)
      const inner = this.#or()
      if (!this.#takes(')')) {
        const next = this.#tokens[this.#at]
        throw new ConditionError('missing )', next?.at ?? this.#end)
      }
      this.#depth--
      return inner
    }
    if (this.#tokens[this.#at]?.text === 'of') {
      this.#at++
      return this.#quantified(token)
    }
    if (text === ')' || keywords.has(text)) {
      throw new ConditionError(`expected a search identifier, not ${JSON.stringify(text)}`, at)
    }
    return this.#named(token)
  }

  #named({ text, at }: Token): Expression {
    const found = this.#identifiers.get(text)
    if (found === undefined) {
      const allowed = [...this.#identifiers.keys()]
      const names = { given: text, allowed }
      throw new ConditionError(`unknown search identifier ${JSON.stringify(text)}`, at, names)
    }
    return this.#use(found, at)
  }

  #quantified({ text: quantity, at }: Token): Expression {
    if (quantity !== '1' && quantity !== 'any' && quantity !== 'all') {
      throw new ConditionError(
        `expected 1, any or all before "of", not ${JSON.stringify(quantity)}`,
        at,
      )
    }
    const pattern = this.#tokens[this.#at]
    if (pattern === undefined) throw new ConditionError('expected them or a pattern', this.#end)
    this.#at++
    const chosen = this.#chosen(pattern.text)
    if (chosen.length === 0) {
      const message = `no search identifier matches ${JSON.stringify(pattern.text)}`
      throw new ConditionError(message, pattern.at, {
        given: pattern.text,
        allowed: [...this.#identifiers.keys()],
      })
    }
    const of = chosen.map((each) => this.#use(each, pattern.at))
    return join(quantity === 'all' ? 'and' : 'or', of)
  }

  /** Names that begin with `_` belong to patterns only that begin with it too. */
  #chosen(pattern: string): Identifier[] {
    const all = [...this.#identifiers]
    const isShown = (name: string) => !name.startsWith('_') || pattern.startsWith('_')
    const matches = pattern === 'them' ? () => true : namePattern(pattern)
    return all.filter(([name]) => isShown(name) && matches(name)).map(([, each]) => each)
  }

  #use({ expression, size }: Identifier, at: number): Expression {
    this.#size += size
    if (this.#size > testsMax) throw new ConditionError(`more than ${testsMax} tests`, at)
    return expression
  }
}

/** Whether a name matches a pattern with `*`; the last `*` takes what is left. */
function namePattern(pattern: string): (name: string) => boolean {
  const [start, ...others] = pattern.split('*')
  const end = others.pop()
  if (end === undefined) return (name) => name === pattern
  return (name) => {
    if (!name.startsWith(start) || !name.endsWith(end)) return false
    let at = start.length
    for (const part of others) {
      const found = name.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at <= name.length - end.length
  }
}
