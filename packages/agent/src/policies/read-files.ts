import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { formatDiagnostic, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { AgentError } from '../error.ts'

/**
 * Reads policies from a file, or from all YAML files of a folder and of the folders in it.
 * @throws AgentError AGENT_POLICY with everything that is wrong
 */
export function readPolicyFiles(path: string): PolicyDocument[] {
  let files: string[]
  try {
    files = statSync(path).isDirectory() ? policyFiles(path, 1) : [path]
  } catch (error) {
    throw new AgentError('AGENT_POLICY', `read policies: ${(error as Error).message}`)
  }
  const documents: PolicyDocument[] = []
  const problems: string[] = []
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    const read = readPolicies(text, file)
    documents.push(...read.documents)
    const errors = read.diagnostics.filter(({ severity }) => severity === 'error')
    problems.push(...errors.map((diagnostic) => formatDiagnostic(diagnostic, text)))
  }
  if (problems.length > 0) throw new AgentError('AGENT_POLICY', problems.join('\n'))
  return documents
}

/** YAML files in a folder and in the folders of it; symbolic links are followed, hidden ones left. */
function policyFiles(folder: string, depth: number): string[] {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'))
  return names.sort().flatMap((name) => {
    const path = join(folder, name)
    const stat = statSync(path)
    if (stat.isDirectory()) return depth > 0 ? policyFiles(path, depth - 1) : []
    return stat.isFile() && /\.ya?ml$/.test(name) ? [path] : []
  })
}
