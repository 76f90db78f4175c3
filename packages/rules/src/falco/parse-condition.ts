import {
  type FalcoCheck,
  type FalcoCondition,
  type FalcoField,
  isQuantifier,
  isTransformer,
  operators,
  takesList,
} from './condition.ts'
import { FalcoSyntaxError, type FalcoToken, falcoTokens } from './tokens.ts'

/** Maximum number of words after lists are expanded, and of nested parentheses. */
const wordsMax = 100_000
const deepest = 100

/** Items of lists by name. */
export type FalcoLists = ReadonlyMap<string, readonly string[]>

/**
 * Parses a condition of a Falco rule or macro. Names of lists among values are replaced by their
 * items.
 * @throws FalcoSyntaxError
 */
export function parseFalcoCondition(condition: string, lists: FalcoLists): FalcoCondition {
  return new Parser(falcoTokens(condition), lists).parse()
}

/** Parses a field, such as `proc.aname[2]`. @throws FalcoSyntaxError */
export function parseFalcoField(text: string): FalcoField {
  return new Parser(falcoTokens(text), new Map()).field()
}

class Parser {
  readonly #tokens: readonly FalcoToken[]
  readonly #lists: FalcoLists
  #at = 0
  #depth = 0
  #values = 0

  constructor(tokens: readonly FalcoToken[], lists: FalcoLists) {
    this.#tokens = tokens
    this.#lists = lists
  }

  parse(): FalcoCondition {
    const condition = this.#or()
    const left = this.#tokens[this.#at]
    if (left !== undefined) throw this.#unexpected('expected "and" or "or"')
    return condition
  }

  field(): FalcoField {
    const start = this.#at
    const { kind, text } = this.#next('a field')
    if (kind === 'word' && isTransformer(text) && this.#takes('(')) {
      const inner = this.field()
      while (this.#takes(',')) this.#next('a value')
      this.#expect(')')
      const written = this.#tokens.slice(start, this.#at).map((each) => each.text)
      return { ...inner, transformers: [text, ...inner.transformers], text: written.join('') }
    }
    const [, name, argument] = /^([a-z][\w.]*)(?:\[([^\]]*)\])?$/i.exec(text) ?? []
    if (kind !== 'word' || name === undefined) {
      this.#at--
      throw this.#unexpected('expected a field or macro')
    }
    return { name, transformers: [], text, ...(argument === undefined ? {} : { argument }) }
  }

  #or(): FalcoCondition {
    const of = [this.#and()]
    while (this.#takesWord('or')) of.push(this.#and())
    return of.length === 1 ? of[0] : { kind: 'or', of }
  }

  #and(): FalcoCondition {
    const of = [this.#not()]
    while (this.#takesWord('and')) of.push(this.#not())
    return of.length === 1 ? of[0] : { kind: 'and', of }
  }

  #not(): FalcoCondition {
    let negated = false
    while (this.#takesWord('not')) negated = !negated
    const term = this.#term()
    return negated ? { kind: 'not', of: term } : term
  }

  #term(): FalcoCondition {
    if (this.#takes('(')) {
      if (++this.#depth > deepest) throw new FalcoSyntaxError('too many nested parentheses')
      const inner = this.#or()
      this.#expect(')')
      this.#depth--
      return inner
    }
    const field = this.field()
    const { kind, text } = this.#tokens[this.#at] ?? { kind: 'bracket', text: '' }
    const isOperator = kind === 'operator' || (kind === 'word' && operators.has(text))
    if (isOperator) return this.#check(field)
    if (/[.[(]/.test(field.text)) throw this.#unexpected(`expected an operator after ${field.text}`)
    return { kind: 'macro', name: field.name }
  }

  #check(field: FalcoField): FalcoCheck {
    const operator = this.#next('an operator').text
    if (operator === 'exists') return { kind: 'check', field, operator, values: [] }
    const word = this.#tokens[this.#at]?.text ?? ''
    const quantifier = this.#tokens[this.#at]?.kind === 'word' && isQuantifier(word)
    if (quantifier) this.#at++
    const values = takesList(operator) || quantifier ? this.#list() : [...this.#value()]
    if (values.length !== 1 && !takesList(operator) && !quantifier) {
      throw new FalcoSyntaxError(`${operator} takes one value, not a list of ${values.length}`)
    }
    return { kind: 'check', field, operator, values, ...(quantifier ? { quantifier: word } : {}) }
  }

  #list(): string[] {
    if (!this.#takes('(')) return [...this.#value()]
    const values: string[] = []
    if (this.#takes(')')) return values
    do {
      // A comma at the end, or after an empty list, is accepted.
      if (this.#tokens[this.#at]?.text !== ')') values.push(...this.#value())
    } while (this.#takes(','))
    this.#expect(')')
    return values
  }

  #value(): readonly string[] {
    const { kind, text } = this.#next('a value')
    // `evt.dir = <` has an operator as its value.
    if (kind === 'bracket') {
      this.#at--
      throw this.#unexpected('expected a value')
    }
    if (kind === 'word' && isTransformer(text) && this.#tokens[this.#at]?.text === '(') {
      throw new FalcoSyntaxError(`${text}() on the right side is not translated`)
    }
    const items = (kind === 'word' ? this.#lists.get(text) : undefined) ?? [text]
    this.#values += items.length
    if (this.#values > wordsMax) throw new FalcoSyntaxError(`more than ${wordsMax} values`)
    return items
  }

  #next(expected: string): FalcoToken {
    const token = this.#tokens[this.#at]
    if (token === undefined) {
      throw new FalcoSyntaxError(`the condition ends too early: expected ${expected}`)
    }
    this.#at++
    return token
  }

  #takes(text: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'bracket' || token.text !== text) return false
    this.#at++
    return true
  }

  #takesWord(text: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'word' || token.text !== text) return false
    this.#at++
    return true
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#unexpected(`missing ${text}`)
  }

  #unexpected(expected: string): FalcoSyntaxError {
    const token = this.#tokens[this.#at]
    const found = token === undefined ? 'the end' : JSON.stringify(token.text)
    return new FalcoSyntaxError(`${expected}, not ${found}`)
  }
}
