import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { formatDiagnostics, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'

/** A policy file, or a folder that cannot be read. */
export interface PolicyFile {
  readonly path: string
  readonly documents: readonly PolicyDocument[]
  /** All errors; then there are no documents. */
  readonly error: string
}

/** Reads a file, or all YAML files of a folder and its subfolders. */
export function readEachFile(path: string): PolicyFile[] {
  try {
    return statSync(path).isDirectory() ? readFolder(path, 1) : [readFile(path)]
  } catch (error) {
    return [{ path, documents: [], error: `read policies: ${(error as Error).message}` }]
  }
}

/**
 * Reads the policies of a file or folder.
 * @throws AgentError AGENT_POLICY with all errors
 */
export function readPolicyFiles(path: string): PolicyDocument[] {
  const files = readEachFile(path)
  const errors = files.flatMap(({ error }) => (error === '' ? [] : [error]))
  if (errors.length > 0) throw new AgentError('AGENT_POLICY', errors.join('\n'))
  return files.flatMap(({ documents }) => documents)
}

/** Policies with the same name and namespace as an earlier one, with an error for each. */
export function findRepeated(documents: readonly PolicyDocument[]): Map<PolicyDocument, string> {
  const first = new Map<string, PolicyDocument>()
  const repeated = new Map<PolicyDocument, string>()
  for (const document of documents) {
    const { name, namespace } = document.policy
    const key = `${namespace}/${name}`
    const other = first.get(key)
    if (other) {
      const message = `load policy ${name}: both ${document.file} and ${other.file} contain it`
      repeated.set(document, message)
    } else {
      first.set(key, document)
    }
  }
  return repeated
}

function readFile(path: string): PolicyFile {
  const text = readFileSync(path, 'utf8')
  const { documents, diagnostics } = readPolicies(text, path)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const error = formatDiagnostics(errors, text)
  return { path, documents: errors.length > 0 ? [] : documents, error }
}

/** Symbolic links are followed; hidden files and folders are skipped. */
function readFolder(folder: string, depth: number): PolicyFile[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
  return names.sort().flatMap((name) => {
    const path = join(folder, name)
    try {
      const stat = statSync(path)
      if (stat.isDirectory()) return depth > 0 ? readFolder(path, depth - 1) : []
      return stat.isFile() && /\.ya?ml$/.test(name) ? [readFile(path)] : []
    } catch (error) {
      return [{ path, documents: [], error: `read policies: ${(error as Error).message}` }]
    }
  })
}
