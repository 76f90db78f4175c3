import { nearest } from '@tetragon-ts/api/nearest'
import type { DiagnosticCode } from './codes.ts'
import type { Diagnostic, Position } from './diagnostic.ts'
import { shortened } from './shortened.ts'

/** Optional parts of a finding. */
export interface FindingDetails {
  readonly allowed?: readonly string[]
  /** The invalid text: the nearest allowed value is suggested. */
  readonly given?: string
  readonly suggestion?: string
  /** Points to the name of the field instead of its value. */
  readonly key?: boolean
  /** Points to this character of the value, from 0. */
  readonly within?: number
}

/** Finds a value, or its name, in the text. */
type Locate = (path: string, key: boolean, within?: number) => Position

/** Maximum number of errors, and of warnings: finding the position of each takes time. */
const reportedMax = 100
/** Maximum length of paths and messages. Longer paths are shortened to a parent. */
const longest = 1000

/** The last member or index of a path. */
const lastStep = /(?:\.[^.[\]]*|\[\d+\]|\["(?:[^"\\]|\\.)*"\]|^[^.[\]]*)$/

/** Collects the diagnostics of one document; each only once. */
export class Findings {
  readonly diagnostics: Diagnostic[] = []
  readonly #seen = new Set<string>()
  readonly #unreadable = new Set<string>()
  readonly #reported = { error: 0, warning: 0 }
  readonly #file: string
  readonly #locate: Locate

  constructor(file: string, locate: Locate) {
    this.#file = file
    this.#locate = locate
  }

  /**
   * Ends the reading of values: problems so far are placeholders in the document, so later findings
   * about the same paths would be misleading.
   */
  beginChecks(): void {
    for (const { path, code } of this.diagnostics) {
      if (code !== 'POLICY_DUPLICATE_KEY') this.#unreadable.add(path)
    }
  }

  /** Whether the document cannot be used. */
  get failed(): boolean {
    return this.#reported.error > 0
  }

  error(path: string, code: DiagnosticCode, message: string, details?: FindingDetails): void {
    this.#add('error', path, code, message, details)
  }

  warning(path: string, code: DiagnosticCode, message: string, details?: FindingDetails): void {
    this.#add('warning', path, code, message, details)
  }

  #add(
    severity: 'error' | 'warning',
    wholePath: string,
    code: DiagnosticCode,
    wholeMessage: string,
    details: FindingDetails = {},
  ): void {
    // Excessive aliases are the reason why the rest of the document was not read.
    const isRoom = this.#reported[severity] < reportedMax || code === 'POLICY_ALIASES'
    if (!isRoom && this.#reported[severity] > reportedMax) return
    const path = shortened(wholePath, longest)
    const message = shortened(wholeMessage, longest)
    // A macro is checked for each use.
    const identity = `${path}\n${code}\n${message}`
    if (this.#seen.has(identity) || this.#isUnreadable(path)) return
    this.#seen.add(identity)
    this.#reported[severity]++
    if (!isRoom) {
      const more = `and more ${severity}s: only the first ${reportedMax} are shown`
      const position = this.#locate(path, details.key ?? false, details.within)
      this.diagnostics.push({ severity, code, message: more, path, file: this.#file, ...position })
      return
    }
    const { allowed, given } = details
    const suggestion =
      details.suggestion ??
      (given !== undefined && allowed !== undefined ? nearest(given, allowed) : undefined)
    const position = this.#locate(path, details.key ?? false, details.within)
    this.diagnostics.push({
      severity,
      code,
      message,
      path,
      file: this.#file,
      ...position,
      ...(allowed === undefined ? {} : { allowed }),
      ...(suggestion === undefined ? {} : { suggestion }),
    })
  }

  /** Whether the value, or a parent of it, is invalid. */
  #isUnreadable(path: string): boolean {
    if (this.#unreadable.size === 0) return false
    for (let at = path; at !== ''; at = at.slice(0, Math.max(at.search(lastStep), 0))) {
      if (this.#unreadable.has(at)) return true
    }
    return this.#unreadable.has('')
  }
}
