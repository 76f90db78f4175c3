import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import {
  type Abilities,
  formatDiagnostics,
  type PolicyDocument,
  readPolicies,
} from '@tetragon-ts/policy'
import { SerialQueue } from '@tetragon-ts/service/queue'
import { AgentError } from '../../error.ts'
import { RequestError } from '../../request-error.ts'
import { checkSupport } from '../kernel/check-support.ts'
import type { PolicyEntry } from '../registry/policy-entry.ts'
import { idOf } from '../registry/policy-id.ts'
import type { PolicyOrigin } from '../registry/policy-origin.ts'
import type { PolicyRegistry } from '../registry/policy-registry.ts'
import { emptyPolicy } from './client-text.ts'
import { filePolicyName } from './file-policy-name.ts'
import { requiredPaths } from './policy-paths.ts'
import type { PolicySource, ReloadReport, SourceLog } from './policy-source.ts'

/** The policies of files and folders. */
export class PolicyFiles implements PolicySource {
  readonly title = 'policy files'
  readonly #paths: readonly string[]
  readonly #abilities: Abilities
  readonly #log: Pick<SourceLog, 'warning'> | undefined
  readonly #origin: PolicyOrigin = { domain: 'static' }
  #atStart: readonly PolicyDocument[] = []
  #registry: PolicyRegistry | undefined
  readonly #reloads = new SerialQueue()
  #isClosed = false

  /**
   * @param log gets an error of a policy at the start, which continues without that policy;
   *   undefined: the error prevents the start
   */
  constructor(
    paths: readonly string[],
    abilities: Abilities = {},
    log?: Pick<SourceLog, 'warning'>,
  ) {
    this.#paths = paths
    this.#abilities = abilities
    this.#log = log
  }

  /**
   * Reads the policies that {@link start} adds. The agent calls it before it loads anything: an
   * invalid policy prevents the start. If errors are tolerated, the start itself reads them.
   * @throws AgentError AGENT_POLICY with all errors
   */
  read(): void {
    if (this.#log) return
    const documents = requiredPaths(this.#paths).flatMap(readPolicyFiles)
    checkSupport(documents, this.#abilities)
    const repeated = [...findRepeated(documents).values()]
    if (repeated.length > 0) throw new AgentError('AGENT_POLICY', repeated.join('\n'))
    this.#atStart = documents
  }

  /**
   * @throws AgentError, and other errors of the kernel, for the first policy that fails, unless
   *   errors are tolerated
   */
  async start(registry: PolicyRegistry): Promise<void> {
    registry.register(this.#origin)
    this.#registry = registry
    if (this.#log) {
      const { failures } = await this.reload()
      for (const failure of failures) {
        this.#log.warning(`load ${this.title}: ${failure}\nthe agent starts without this policy`)
      }
    }
    for (const document of this.#atStart) {
      await registry.put(this.#origin, document).catch((error: Error) => {
        // The operator gets the error itself, not the gRPC status.
        throw error instanceof RequestError && error.cause instanceof Error ? error.cause : error
      })
    }
  }

  close(): void {
    this.#isClosed = true
  }

  /**
   * Names of policies that are not in force as the files say: they could not be loaded or replaced,
   * or their file could not be read.
   */
  get failed(): readonly string[] {
    const entries = this.#registry?.entriesOf(this.#origin) ?? []
    return entries.filter(({ error }) => error !== '').map(({ id }) => id.name)
  }

  /**
   * Reads the files again: loads new policies, unloads removed ones, replaces changed ones. If a
   * file cannot be read or a policy cannot be loaded, the loaded policies stay and show the error.
   * A file without loaded policies is listed with the error.
   */
  reload(): Promise<ReloadReport> {
    return this.#reloads.run(() => this.#reload())
  }

  async #reload(): Promise<ReloadReport> {
    const registry = this.#registry
    if (this.#isClosed || !registry) return { added: 0, replaced: 0, removed: 0, failures: [] }
    const files = requiredPaths(this.#paths).flatMap(readEachFile)
    const documents = files.flatMap((file) => file.documents)
    const repeated = findRepeated(documents)
    const failures = [...repeated.values()]
    const counts = { added: 0, replaced: 0, removed: 0 }
    const kept = new Set<PolicyEntry>()
    for (const { path, error } of files) {
      if (error === '') continue
      failures.push(error)
      await attempt(failures, async () => {
        for (const entry of await this.#showError(registry, path, error)) kept.add(entry)
      })
    }
    const wanted = documents.filter((document) => !repeated.has(document))
    const isWanted = ({ id }: PolicyEntry): boolean =>
      wanted.some(({ policy }) => policy.name === id.name && policy.namespace === id.namespace)
    for (const entry of registry.entriesOf(this.#origin)) {
      if (kept.has(entry) || isWanted(entry)) continue
      await attempt(failures, async () => {
        await registry.remove(entry.id)
        if (entry.unreadable === undefined) counts.removed++
      })
    }
    for (const document of wanted) {
      await attempt(failures, async () => {
        const done = await registry.put(this.#origin, document)
        if (done !== 'same') counts[done]++
      })
    }
    for (const [{ policy }, error] of repeated) {
      const first = registry.entriesOf(this.#origin).find(({ id }) => {
        return id.name === policy.name && id.namespace === policy.namespace
      })
      if (first) first.error ||= error
    }
    return { ...counts, failures }
  }

  /**
   * Shows why a file cannot be read at its policies, which stay as they are, or else at an entry
   * that is listed for the file.
   * @throws RequestError
   */
  async #showError(
    registry: PolicyRegistry,
    path: string,
    error: string,
  ): Promise<readonly PolicyEntry[]> {
    const ofFile = () => {
      return registry.entriesOf(this.#origin).filter(({ document }) => isOf(path, document))
    }
    if (ofFile().length === 0) {
      const taken = new Set(registry.entriesOf(this.#origin).map(({ id }) => id.name))
      const document = emptyPolicy(filePolicyName(path, taken), path)
      if (document === undefined) return []
      const id = idOf(document, this.#origin.domain)
      await registry.refuse(this.#origin, id, { document, yaml: '' }, error)
    }
    for (const entry of ofFile()) {
      entry.error = error
      if (entry.unreadable !== undefined) entry.unreadable = error
    }
    return ofFile()
  }
}

/** Whether a policy came from a file, or from a folder that cannot be read now. */
function isOf(path: string, { file }: PolicyDocument): boolean {
  return file === path || file.startsWith(path + sep)
}

async function attempt(failures: string[], act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    failures.push((error as Error).message)
  }
}

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
