import { nearest } from '@tetragon-ts/api'
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, DiagnosticDetails, Position } from '../diagnostics/diagnostic.ts'
import type { Policy } from '../model/index.ts'
import type { YamlTree } from './yaml-tree.ts'

/** A policy and its position in a file. */
export class PolicyDocument {
  readonly file: string
  readonly policy: Policy
  readonly #tree: YamlTree
  readonly #lines: readonly string[]
  /** Warnings, such as a field without effect. */
  readonly warnings: readonly Diagnostic[]

  constructor(
    file: string,
    policy: Policy,
    tree: YamlTree,
    lines: readonly string[],
    warnings: readonly Diagnostic[] = [],
  ) {
    this.file = file
    this.policy = policy
    this.#tree = tree
    this.#lines = lines
    this.warnings = warnings
  }

  /** The same policy in another mode. */
  withMode(mode: Policy['options']['mode']): PolicyDocument {
    const policy = { ...this.policy, options: { ...this.policy.options, mode } }
    return new PolicyDocument(this.file, policy, this.#tree, this.#lines, this.warnings)
  }

  /** The text of the document, without other documents of the file. */
  get text(): string {
    const [first, last] = this.#tree.lines
    return `${this.#lines
      .slice(first - 1, last)
      .join('\n')
      .trimEnd()}\n`
  }

  /** Position of the value at a path, or of its nearest parent in the document. */
  position(path: string): Position {
    return this.#tree.locate(path)
  }

  /** The text of a line, counted from 1; undefined after the end. */
  line(number: number): string | undefined {
    return this.#lines[number - 1]
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
    const { allowed, given, severity = 'error' } = details
    const near = given !== undefined && allowed !== undefined ? nearest(given, allowed) : undefined
    const suggestion = details.suggestion ?? near
    return {
      severity,
      code,
      message,
      path,
      file: this.file,
      ...this.position(path),
      ...(allowed === undefined ? {} : { allowed }),
      ...(suggestion === undefined ? {} : { suggestion }),
    }
  }
}
