import { Composer, type Document, Lexer, type LineCounter, Parser } from 'yaml'

/** Words that are parsed between two steps: a few milliseconds. */
const chunkWords = 2000

/**
 * Parses YAML in steps. Errors are in the documents; they have no stack: a file of random bytes has
 * thousands of them.
 * @throws RangeError if it is nested too deeply
 */
export function* parseYaml(
  text: string,
  lineCounter: LineCounter,
): Generator<undefined, Document.Parsed[]> {
  const parser = new Parser(lineCounter.addNewLine)
  const composer = new Composer({
    intAsBigInt: true,
    // Checked by the reader, whose messages name the field.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const words = new Lexer().lex(text)
  const documents: Document.Parsed[] = []
  /** @returns whether there are more words */
  const parseChunk = (): boolean => {
    for (let i = 0; i < chunkWords; i++) {
      const { done, value } = words.next()
      for (const token of done ? parser.end() : parser.next(value)) {
        for (const document of composer.next(token)) documents.push(document as Document.Parsed)
      }
      if (done) return false
    }
    return true
  }
  lineCounter.addNewLine(0)
  while (withoutStacks(parseChunk)) yield
  yield
  withoutStacks(() => {
    for (const document of composer.end()) documents.push(document as Document.Parsed)
  })
  return documents
}

/** Calls a function whose errors need no stack. */
function withoutStacks<Result>(act: () => Result): Result {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return act()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
