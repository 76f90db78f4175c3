import { literalText } from './literal-text.ts'
import { type BinarySign, CelError, type Syntax } from './syntax.ts'

interface Token {
  readonly kind: 'number' | 'word' | 'text' | 'sign' | 'end'
  readonly text: string
  readonly offset: number
}

const tokenPattern =
  /\s*(?:(0[xX][\da-fA-F]+[uU]?|\d+[uU]?)(?![\w.])|([A-Za-z_]\w*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\|\||&&|==|!=|<<|>>|<=|>=|[-+*/%<>!(),.[\]]))/y

/**
 * Lowest precedence first; operators of one line have the same precedence and are left-associative.
 */
const precedence: readonly (readonly BinarySign[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]

// Both limit the stack depth, here and in the compiler.
const deepest = 200
const longest = 2000

function* tokens(text: string): Generator<Token> {
  let at = 0
  while (text.slice(at).trim() !== '') {
    tokenPattern.lastIndex = at
    const match = tokenPattern.exec(text)
    if (match === null) {
      const offset = at + text.slice(at).search(/\S/)
      throw new CelError(offset, `unexpected character ${JSON.stringify(text[offset])}`)
    }
    const [all, number, word, quoted, sign] = match
    const token = number ?? word ?? quoted ?? sign
    const offset = at + all.length - token.length
    const kind = number ? 'number' : word ? 'word' : quoted ? 'text' : 'sign'
    yield { kind, text: token, offset }
    at = tokenPattern.lastIndex
  }
  yield { kind: 'end', text: '', offset: text.length }
}

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0

  constructor(text: string) {
    this.#tokens = [...tokens(text)]
    if (this.#tokens.length > longest) {
      throw new CelError(this.#tokens[longest].offset, `it has more than ${longest} tokens`)
    }
  }

  get #token(): Token {
    return this.#tokens[this.#next]
  }

  #take(): Token {
    const token = this.#token
    if (token.kind !== 'end') this.#next++
    return token
  }

  #isSign(text: string): boolean {
    return this.#token.kind === 'sign' && this.#token.text === text
  }

  #expect(text: string): void {
    if (!this.#isSign(text)) this.#unexpected(JSON.stringify(text))
    this.#take()
  }

  #unexpected(wanted: string): never {
    const { kind, text, offset } = this.#token
    const found = kind === 'end' ? 'the end' : JSON.stringify(text)
    throw new CelError(offset, `${wanted} is expected, not ${found}`)
  }

  parse(): Syntax {
    const expression = this.#binary(0)
    if (this.#token.kind !== 'end') this.#unexpected('an operator')
    return expression
  }

  #binary(level: number): Syntax {
    if (level === precedence.length) return this.#unary()
    let left = this.#binary(level + 1)
    for (;;) {
      const sign = precedence[level].find((each) => this.#isSign(each))
      if (sign === undefined) return left
      const { offset } = this.#take()
      left = { kind: 'binary', offset, sign, left, right: this.#binary(level + 1) }
    }
  }

  #unary(): Syntax {
    const { offset } = this.#token
    if (++this.#depth > deepest) throw new CelError(offset, 'it is nested too deeply')
    const sign = (['-', '!'] as const).find((each) => this.#isSign(each))
    let result: Syntax
    if (sign === undefined) {
      result = this.#parts(this.#primary())
    } else {
      this.#take()
      result = { kind: 'unary', offset, sign, operand: this.#unary() }
    }
    this.#depth--
    return result
  }

  /** `arg0.dentry.d_flags`, `arg0.values[3]`, `arg0.startsWith("a")` */
  #parts(whole: Syntax): Syntax {
    let subject = whole
    for (;;) {
      if (this.#isSign('[')) subject = this.#element(subject)
      else if (this.#isSign('.')) {
        this.#take()
        const { kind, text: name, offset } = this.#token
        if (kind !== 'word') this.#unexpected('the name of a member or function')
        this.#take()
        if (this.#isSign('(')) {
          return { kind: 'method', offset, subject, name, operands: this.#operands() }
        }
        subject = { kind: 'member', offset, subject, step: name }
      } else return subject
    }
  }

  #element(subject: Syntax): Syntax {
    this.#take()
    const { kind, text, offset } = this.#token
    if (kind !== 'number' || !/^\d{1,9}$/.test(text)) this.#unexpected('the number of an element')
    this.#take()
    this.#expect(']')
    return { kind: 'member', offset, subject, step: Number(text) }
  }

  #primary(): Syntax {
    if (this.#isSign('(')) {
      this.#take()
      const inner = this.#binary(0)
      this.#expect(')')
      return inner
    }
    const { kind, text, offset } = this.#token
    if (kind !== 'number' && kind !== 'word' && kind !== 'text') this.#unexpected('a value')
    this.#take()
    if (kind === 'text') return { kind, offset, value: literalText(text, offset) }
    if (kind === 'number') {
      const unsigned = /u$/i.test(text)
      return { kind, offset, value: BigInt(unsigned ? text.slice(0, -1) : text), unsigned }
    }
    if (this.#isSign('(')) return { kind: 'call', offset, name: text, operands: this.#operands() }
    if (text === 'true' || text === 'false') {
      return { kind: 'boolean', offset, value: text === 'true' }
    }
    return { kind: 'name', offset, name: text }
  }

  #operands(): Syntax[] {
    this.#expect('(')
    const operands: Syntax[] = []
    while (!this.#isSign(')')) {
      if (operands.length > 0) this.#expect(',')
      operands.push(this.#binary(0))
    }
    this.#take()
    return operands
  }
}

/**
 * Parses an expression of `matchCEL`: the small part of CEL that programs can evaluate. Policies
 * are read without the library that filters load, which is 160 kB.
 * @throws CelError with the position of the error
 */
export function parseCel(text: string): Syntax {
  return new Parser(text).parse()
}
