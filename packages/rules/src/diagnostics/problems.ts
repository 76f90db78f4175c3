import { nearest } from '@tetragon-ts/api/nearest'
import type { Node, YamlTree } from '@tetragon-ts/policy/yaml'
import type { RuleCode } from './codes.ts'
import type { RuleDiagnostic } from './diagnostic.ts'

/** Maximum number of diagnostics of a document. */
const reportedMax = 100
/** Names and values of a hostile file may be a megabyte long; a list of fields has 600. */
const longest = 1000

/** Optional parts of a problem. */
export interface ProblemDetails {
  readonly allowed?: readonly string[]
  /** The invalid text: the nearest allowed value is suggested. */
  readonly given?: string
  readonly severity?: 'error' | 'warning'
}

/** Collects the diagnostics of one document. */
export class Problems {
  readonly diagnostics: RuleDiagnostic[] = []
  readonly file: string
  readonly #tree: YamlTree
  #failed = false

  constructor(file: string, tree: YamlTree) {
    this.file = file
    this.#tree = tree
  }

  /** Whether the document has an error. */
  get failed(): boolean {
    return this.#failed
  }

  /** @param node what the diagnostic points to; without one, the start of the document */
  add(
    node: Node | undefined,
    path: string,
    code: RuleCode,
    message: string,
    { allowed, given, severity = 'error' }: ProblemDetails = {},
  ): void {
    this.#failed ||= severity === 'error'
    if (this.diagnostics.length >= reportedMax) return
    const suggestion =
      given !== undefined && allowed !== undefined ? nearest(given, allowed) : undefined
    this.diagnostics.push({
      severity,
      code,
      message: shortened(message),
      path: shortened(path),
      file: this.file,
      ...this.position(node),
      ...(allowed === undefined ? {} : { allowed }),
      ...(suggestion === undefined ? {} : { suggestion }),
    })
  }

  /** Drops the diagnostics after the first ones: another way to read the document was right. */
  forget(from: number): void {
    this.diagnostics.splice(from)
    this.#failed = this.diagnostics.some(({ severity }) => severity === 'error')
  }

  /** Position of a node; without one, of the document. */
  position(node: Node | undefined): { line: number; column: number } {
    return this.#tree.at((node ?? this.#tree.root)?.range?.[0] ?? 0)
  }
}

/** A text for a message. */
export function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}
