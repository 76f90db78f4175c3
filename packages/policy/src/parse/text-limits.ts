import { Lexer } from 'yaml'

/** Whose text it is: what strangers send may be made to take long. */
export type Author = 'owner' | 'stranger'

/**
 * What a stranger's text may have, so that reading it takes no more than about a second, whatever
 * it is: a word is a value, a name, a bracket, a comma, a dash. A list of 90,000 values still fits.
 */
const mostWords = 200_000
/** Brackets and dashes in each other; no policy has a tenth of that. */
const deepest = 100
/** Comments and empty lines take as long as others. */
const mostLines = 200_000
/** Separators of documents. */
const mostDocuments = 1000
/** What is shorter takes no time, whatever it is. */
const harmless = 2 ** 14

/** What a text has too much of, and where that is. */
export interface Excess {
  readonly what: string
  readonly offset: number
}

/** Finds what would take too long to read, before it is read: this takes a tenth of the time. */
export function findExcess(text: string, author: Author): Excess | undefined {
  if (text.length <= harmless || author === 'owner') return undefined
  let words = 0
  let lines = 0
  let documents = 0
  let brackets = 0
  let dashes = 0
  let offset = 0
  for (const lexeme of new Lexer().lex(text)) {
    switch (lexeme[0]) {
      // Marks of the lexer itself.
      case '\x02':
      case '\x18':
      case '\x1f':
        continue
      case ' ':
      case '\t':
        break
      case '\n':
      case '\r':
        dashes = 0
        lines++
        break
      case '[':
      case '{':
        brackets++
        words++
        break
      case ']':
      case '}':
        brackets--
        words++
        break
      default:
        if (lexeme === '-' || lexeme === '?' || lexeme === ':') dashes++
        if (lexeme === '---') documents++
        words++
    }
    if (brackets > deepest || (dashes > deepest && brackets <= 0)) {
      return { what: `it is nested too deeply: more than ${deepest} levels`, offset }
    }
    if (documents > mostDocuments) {
      return { what: `it has more than ${mostDocuments} documents`, offset }
    }
    if (lines > mostLines) return { what: `it has more than ${mostLines} lines`, offset }
    if (words > mostWords) {
      const what = `it is too long: more than ${mostWords} values, names, brackets and other signs`
      return { what, offset }
    }
    offset += lexeme.length
  }
  return undefined
}
