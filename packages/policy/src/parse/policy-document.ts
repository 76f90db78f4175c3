import { nearest } from '@tetragon-ts/api/nearest'
import { stringify } from 'yaml'
import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic, DiagnosticDetails, Position } from '../diagnostics/diagnostic.ts'
import type { ImageMatch, LinkTarget, Policy } from '../model/index.ts'
import { withTargets } from '../model/link-targets.ts'
import type { YamlTree } from './yaml-tree.ts'

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
