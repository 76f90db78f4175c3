import { nearest } from '@tetragon-ts/api/nearest'
import { Composer, type Document, isScalar, Lexer, LineCounter, Parser, stringify } from 'yaml'
import { checkPolicy } from '../checks/check-policy.ts'
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, DiagnosticDetails, Position } from '../diagnostics/diagnostic.ts'
import { Findings } from '../diagnostics/findings.ts'
import type { ImageMatch, LinkTarget, Policy } from '../model/index.ts'
import { withTargets } from '../model/link-targets.ts'
import { policySchema } from '../schema/tracing-policy.ts'
import { readValue } from './read-value.ts'
import { type Author, findExcess } from './text-limits.ts'
import { type Locator, locator, YamlTree } from './yaml-tree.ts'

/** Objects of the API are diagnosed by path. */
export const noPosition: Position = { line: 0, column: 0 }

/** Parts of a document. */
interface Parts {
  readonly file: string
  readonly policy: Policy
  readonly warnings: readonly Diagnostic[]
  readonly source: Source | ApiSource
}

/** A text in a file. */
interface Source {
  readonly tree: YamlTree
  readonly lines: readonly string[]
}

/** An object of the API. Its tree would need many times the memory of its text. */
interface ApiSource {
  readonly json: string
}

/** A policy and its position in a file, or in an object of the API. */
export class PolicyDocument {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get file(): string {
    return this.#parts.file
  }

  get policy(): Policy {
    return this.#parts.policy
  }

  /** Warnings, such as a field without effect. */
  get warnings(): readonly Diagnostic[] {
    return this.#parts.warnings
  }

  #with(change: Partial<Parts>): PolicyDocument {
    return new PolicyDocument({ ...this.#parts, ...change })
  }

  /** The same policy in another mode. */
  withMode(mode: Policy['options']['mode']): PolicyDocument {
    return this.#with({ policy: { ...this.policy, options: { ...this.policy.options, mode } } })
  }

  /** The same policy on a host where values of `resolveLinks` lead to these paths. */
  withTargets(targets: ReadonlyMap<string, LinkTarget>): PolicyDocument {
    return this.#with({ policy: withTargets(this.policy, targets) })
  }

  /**
   * The same policy with conditions of detection rules, by hook and selector; in their selectors
   * they take the place of `matchPIDs`.
   */
  withImages(
    conditions: readonly (readonly (ImageMatch['condition'] | undefined)[])[],
  ): PolicyDocument {
    const hooks = this.policy.hooks.map((hook, i) => ({
      ...hook,
      selectors: hook.selectors.map((selector, n) => {
        const condition = conditions[i]?.[n]
        if (condition === undefined) return selector
        return { ...selector, pids: [], images: [{ path: selector.path, condition }] }
      }),
    }))
    return this.#with({ policy: { ...this.policy, hooks } })
  }

  /** The same policy for a node that its `nodeSelector` selects. */
  forNode(): PolicyDocument {
    const { nodeSelector: _, ...policy } = this.policy
    return this.#with({ policy })
  }

  /** The same policy as an object of the API: its diagnostics have no lines. */
  fromJson(json: string): PolicyDocument {
    const warnings = this.warnings.map((each) => ({ ...each, ...noPosition }))
    return this.#with({ source: { json }, warnings })
  }

  /** The text of the document, without other documents of the file; of an object, as YAML. */
  get text(): string {
    const { source } = this.#parts
    if ('json' in source) return stringify(JSON.parse(source.json), { version: '1.1' })
    const [first, last] = source.tree.lines
    return `${source.lines
      .slice(first - 1, last)
      .join('\n')
      .trimEnd()}\n`
  }

  /** Position of the value at a path, or of its nearest parent in the document. */
  position(path: string, within?: number): Position {
    const { source } = this.#parts
    return 'tree' in source ? source.tree.locate(path, false, within) : noPosition
  }

  /** The text of a line, counted from 1; undefined after the end, and of an object of the API. */
  line(number: number): string | undefined {
    const { source } = this.#parts
    return 'lines' in source ? source.lines[number - 1] : undefined
  }

  /**
   * Creates a diagnostic of a later check, for example about a function that the kernel lacks.
   * Without `suggestion` the nearest allowed value to `given` is suggested.
   */
  diagnose(
    path: string,
    code: DiagnosticCode,
    message: string,
    details: DiagnosticDetails & { readonly given?: string } = {},
  ): Diagnostic {
    const { allowed, given, severity = 'error', within } = details
    const near = given !== undefined && allowed !== undefined ? nearest(given, allowed) : undefined
    const suggestion = details.suggestion ?? near
    return {
      severity,
      code,
      message,
      path,
      file: this.file,
      ...this.position(path, within),
      ...(allowed === undefined ? {} : { allowed }),
      ...(suggestion === undefined ? {} : { suggestion }),
    }
  }
}

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
