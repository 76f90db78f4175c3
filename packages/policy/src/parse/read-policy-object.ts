import { noPosition } from './policy-document.ts'
import { type PolicyFile, readPolicies } from './read-policies.ts'

/**
 * Reads a policy from JSON, as the API server returns it: like the YAML of an untrusted author, of
 * which JSON is a subset. Its author has never seen this text, so diagnostics have paths and no
 * lines. `title` is the name in diagnostics.
 */
export function readPolicyObject(json: string, title: string): PolicyFile {
  const { documents, diagnostics } = readPolicies(json, title, 'stranger')
  return {
    documents: documents.map((document) => document.fromJson(json)),
    diagnostics: diagnostics.map((each) => ({ ...each, ...noPosition })),
  }
}
