/** A word, pattern or parenthesis of a condition. */
export interface Token {
  readonly text: string
  /** Position in the condition, from 0. */
  readonly at: number
}

/** Thrown for an invalid condition. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError'
  readonly code = 'RULE_CONDITION'
  /** Position in the condition, from 0. */
  readonly at: number
  /** The unknown name, and the names that exist. */
  readonly names: { readonly given: string; readonly allowed: readonly string[] } | undefined

  constructor(message: string, at: number, names?: ConditionError['names']) {
    super(message)
    this.at = at
    this.names = names
  }
}

const token = /\s*(?:([()|])|([^\s()|]+))/y

/** Splits a condition. @throws ConditionError for an aggregation of Sigma 1 */
export function tokensOf(condition: string): Token[] {
  const tokens: Token[] = []
  token.lastIndex = 0
  for (let match = token.exec(condition); match !== null; match = token.exec(condition)) {
    const text = match[1] ?? match[2]
    const at = match.index + match[0].length - text.length
    if (text === '|') {
      const message = 'aggregations after | are Sigma 1: write a correlation instead'
      throw new ConditionError(message, at)
    }
    tokens.push({ text, at })
  }
  return tokens
}
