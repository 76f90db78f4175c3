import { Composer, type Document, isScalar, Lexer, LineCounter, Parser } from 'yaml'
import { checkPolicy } from '../checks/check-policy.ts'
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, Position } from '../diagnostics/diagnostic.ts'
import { Findings } from '../diagnostics/findings.ts'
import { policySchema } from '../schema/tracing-policy.ts'
import { PolicyDocument } from './policy-document.ts'
import { readValue } from './read-value.ts'
import { type Author, findExcess } from './text-limits.ts'
import { type Locator, locator, YamlTree } from './yaml-tree.ts'

/** Content of a file. */
export interface PolicyFile {
  /** The valid policies, in order. */
  readonly documents: readonly PolicyDocument[]
  /** Errors and warnings of all documents, in file order. */
  readonly diagnostics: readonly Diagnostic[]
}

/** Maximum number of YAML errors; more would not help. */
const syntaxErrorsMax = 100
/** The same for a file with several documents. */
const diagnosticsMax = 1000
/** Words that are parsed between two steps: a few milliseconds. */
const chunkWords = 2000
export const tooDeep = 'it is nested too deeply'

/**
 * Reported for each word after a document that ended too early: the first one is sufficient. The
 * YAML library uses the code UNEXPECTED_TOKEN for these and other errors.
 */
const leftOver = /in YAML stream/

/** YAML errors. */
function syntaxErrors(document: Document.Parsed, file: string, at: Locator): Diagnostic[] {
  const { errors } = document
  const firstLeftOver = errors.findIndex((error) => leftOver.test(error.message))
  const reported = errors.filter((error, i) => i === firstLeftOver || !leftOver.test(error.message))
  const diagnostics = reported
    .slice(0, syntaxErrorsMax)
    .map(({ code, message, pos }): Diagnostic => {
      const what = code === 'RESOURCE_EXHAUSTION' ? tooDeep : message
      return { ...whole(file, 'POLICY_YAML', `parse YAML: ${what}`), ...at(pos[0]) }
    })
  const more = reported.length - diagnostics.length
  const last = reported[syntaxErrorsMax]
  if (more > 0) {
    const message = `parse YAML: and ${more} more errors`
    diagnostics.push({ ...whole(file, 'POLICY_YAML', message), ...at(last.pos[0]) })
  }
  return diagnostics
}

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

function whole(file: string, code: DiagnosticCode, message: string): Diagnostic {
  return { severity: 'error', code, message, path: '', file, line: 1, column: 1 }
}

export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  return { line, column: offset - before.lastIndexOf('\n') }
}

function byPosition(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column
}

/** Nothing, or only comments, between two separators. */
function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null)
}

/**
 * Reads the policies of a YAML file, which may contain several documents. Never throws: every
 * problem is a diagnostic with a position. `file` is the name in diagnostics. An untrusted text
 * that would take more than about a second to read is refused.
 */
export function readPolicies(text: string, file: string, author: Author = 'owner'): PolicyFile {
  const steps = readPoliciesInSteps(text, file, author)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

/** The same in steps: others may run in between. */
export function* readPoliciesInSteps(
  text: string,
  file: string,
  author: Author = 'owner',
): Generator<undefined, PolicyFile> {
  const excess = yield* findExcess(text, author)
  if (excess !== undefined) {
    const { what, offset } = excess
    const diagnostic = whole(file, 'POLICY_YAML', `parse YAML: ${what}`)
    return { documents: [], diagnostics: [{ ...diagnostic, ...positionOf(text, offset) }] }
  }
  const lineCounter = new LineCounter()
  const lines = text.split(/\r?\n/)
  const at = locator(lineCounter, lines)
  let parsed: Document.Parsed[]
  try {
    parsed = yield* parseYaml(text, lineCounter)
  } catch (error) {
    const message = error instanceof RangeError ? tooDeep : (error as Error).message
    return { documents: [], diagnostics: [whole(file, 'POLICY_YAML', `parse YAML: ${message}`)] }
  }

  const documents: PolicyDocument[] = []
  const diagnostics: Diagnostic[] = []
  for (const document of parsed) {
    if (diagnostics.length > diagnosticsMax) {
      const from = at(document.range[0])
      const message = 'parse YAML: too many errors; the rest of the file was not read'
      diagnostics.push({ ...whole(file, 'POLICY_YAML', message), ...from })
      break
    }
    if (document.errors.length > 0) {
      diagnostics.push(...syntaxErrors(document, file, at))
      continue
    }
    if (isEmpty(document)) continue
    yield
    try {
      const tree = new YamlTree(document, at)
      const findings = new Findings(file, (...place) => tree.locate(...place))
      const policy = yield* readDocument(tree, findings)
      const found = findings.diagnostics.toSorted(byPosition)
      diagnostics.push(...found)
      // A policy has no errors: all findings are warnings.
      if (policy === undefined) continue
      documents.push(new PolicyDocument({ file, policy, source: { tree, lines }, warnings: found }))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      diagnostics.push(whole(file, 'POLICY_YAML', `parse YAML: ${tooDeep}`))
    }
  }
  if (documents.length === 0 && diagnostics.length === 0) {
    diagnostics.push(whole(file, 'POLICY_EMPTY', 'the file contains no policy'))
  }
  return { documents, diagnostics }
}

function* readDocument(
  tree: YamlTree,
  findings: Findings,
): Generator<undefined, PolicyDocument['policy'] | undefined> {
  for (const alias of tree.unresolved) {
    findings.error('', 'POLICY_YAML', `parse YAML: unknown anchor &${alias.source}`)
  }
  const read = readValue(tree, policySchema, findings)
  // Most of the document was not read then.
  if (read.incomplete) return undefined
  yield
  findings.beginChecks()
  const policy = checkPolicy(read.value, { findings, isBroken: read.isBroken })
  return findings.failed ? undefined : policy
}
