import type { DiagnosticCode } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { lengthProblem, sizeProblem } from './client-limits.ts'
import type { PolicyContent } from './policy-content.ts'
import {
  noPosition,
  type PolicyDocument,
  type PolicyFile,
  readPolicies,
} from './policy-document.ts'

/**
 * Reads a policy from JSON, as the API server returns it: like the YAML of an untrusted author, of
 * which JSON is a subset. Its author wrote another text, so diagnostics have paths and no
 * lines. `title` is the name in diagnostics.
 */
export function readPolicyObject(json: string, title: string): PolicyFile {
  const { documents, diagnostics } = readPolicies(json, title, 'stranger')
  return {
    documents: documents.map((document) => document.fromJson(json)),
    diagnostics: diagnostics.map((each) => ({ ...each, ...noPosition })),
  }
}

/** A policy of the API server. */
export interface ReadContent {
  /** Undefined: it has errors. */
  readonly document: PolicyDocument | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** Empty if the object cannot be written as JSON. */
  readonly json: string
}

/** An object that cannot be written as JSON. */
class NotJson extends Error {}

/**
 * Reads a policy of the API server within the limits of clients. Agents load every policy without
 * errors here that their kernel and their options allow.
 */
export function readPolicyContent({
  title,
  content,
}: Pick<PolicyContent, 'title' | 'content'>): ReadContent {
  const refuse = (code: DiagnosticCode, message: string, json: string): ReadContent => {
    const diagnostic = { code, message, path: '', severity: 'error', file: title } as const
    return { document: undefined, diagnostics: [{ ...diagnostic, ...noPosition }], json }
  }
  let json: string
  try {
    json = jsonOf(content)
  } catch (error) {
    if (!(error instanceof NotJson)) throw error
    return refuse('POLICY_RANGE', error.message, '')
  }
  const length = lengthProblem(json)
  if (length !== undefined) return refuse('POLICY_RANGE', length, json)
  const { documents, diagnostics } = readPolicyObject(json, title)
  const [document] = documents
  const size = document && sizeProblem(document)
  if (size !== undefined) return refuse('POLICY_RANGE', size, json)
  const failed = diagnostics.some(({ severity }) => severity === 'error')
  return { document: failed ? undefined : document, diagnostics, json }
}

/** @throws NotJson */
function jsonOf(content: object): string {
  try {
    return JSON.stringify(content, (key, value: unknown) => {
      if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value
      throw new NotJson(`${key}: integers above 2^53 - 1 are not supported here`)
    })
  } catch (error) {
    if (error instanceof RangeError) throw new NotJson('it is nested too deeply')
    throw error
  }
}
