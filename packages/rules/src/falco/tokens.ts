/** A part of a condition. */
export interface FalcoToken {
  /** `value` is quoted. */
  readonly kind: 'word' | 'value' | 'operator' | 'bracket'
  readonly text: string
}

/** Thrown for a condition that is not Falco's language. */
export class FalcoSyntaxError extends Error {
  override readonly name = 'FalcoSyntaxError'
  readonly code = 'RULE_CONDITION'
}

const pattern =
  /\s+|(?<bracket>[(),])|(?<operator>[=!<>]=|[=<>])|(?<quoted>"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')|(?<word>(?:[^\s()"'=,<>![]|!(?!=)|\[[^\]]*\])+)/gy

/** Splits a condition. @throws FalcoSyntaxError */
export function falcoTokens(condition: string): FalcoToken[] {
  const tokens: FalcoToken[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < condition.length) {
    const start = pattern.lastIndex
    const groups = pattern.exec(condition)?.groups
    if (groups === undefined) {
      const near = JSON.stringify(condition.slice(start, start + 20))
      throw new FalcoSyntaxError(`cannot read the condition at ${near}`)
    }
    const { bracket, operator, quoted, word } = groups
    if (bracket !== undefined) tokens.push({ kind: 'bracket', text: bracket })
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator })
    else if (quoted !== undefined) tokens.push({ kind: 'value', text: unquoted(quoted) })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word })
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = {
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' },
  ...{ '\\': '\\', '/': '/', '"': '"', "'": "'" },
}

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g, (all, hex, letter) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    const meant = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
    if (meant === undefined) throw new FalcoSyntaxError(`unknown escape ${all} in ${quoted}`)
    return meant
  })
}
