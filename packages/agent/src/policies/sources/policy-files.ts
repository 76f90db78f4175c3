import { sep } from 'node:path'
import type { Abilities, PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'
import { RequestError } from '../../request-error.ts'
import { checkSupport } from '../kernel/check-support.ts'
import type { PolicyEntry } from '../registry/policy-entry.ts'
import type { PolicyOrigin } from '../registry/policy-origin.ts'
import type { PolicyRegistry } from '../registry/policy-registry.ts'
import { requiredPaths } from './policy-paths.ts'
import type { PolicySource, ReloadReport } from './policy-source.ts'
import { findRepeated, readEachFile, readPolicyFiles } from './read-files.ts'

/** The policies of files and folders. */
export class PolicyFiles implements PolicySource {
  readonly title = 'policy files'
  readonly #paths: readonly string[]
  readonly #abilities: Abilities
  readonly #origin: PolicyOrigin = { domain: 'static' }
  #atStart: readonly PolicyDocument[] = []
  #registry: PolicyRegistry | undefined
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(paths: readonly string[], abilities: Abilities = {}) {
    this.#paths = paths
    this.#abilities = abilities
  }

  /**
   * Reads the policies that {@link start} adds. The agent calls it before it loads anything: an
   * invalid policy prevents the start.
   * @throws AgentError AGENT_POLICY with all errors
   */
  read(): void {
    const documents = requiredPaths(this.#paths).flatMap(readPolicyFiles)
    checkSupport(documents, this.#abilities)
    const repeated = [...findRepeated(documents).values()]
    if (repeated.length > 0) throw new AgentError('AGENT_POLICY', repeated.join('\n'))
    this.#atStart = documents
  }

  /** @throws AgentError, and other errors of the kernel, for the first policy that fails */
  async start(registry: PolicyRegistry): Promise<void> {
    registry.register(this.#origin)
    this.#registry = registry
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
   * Reads the files again: loads new policies, unloads removed ones, replaces changed ones. If a
   * file cannot be read or a policy cannot be loaded, the loaded policies stay and show the error.
   */
  reload(): Promise<ReloadReport> {
    const report = this.#last.then(() => this.#reload())
    this.#last = report.catch(() => {})
    return report
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
      for (const entry of registry.entriesOf(this.#origin)) {
        if (!isOf(path, entry.document)) continue
        entry.error = error
        kept.add(entry)
      }
    }
    const wanted = documents.filter((document) => !repeated.has(document))
    const isWanted = ({ id }: PolicyEntry): boolean =>
      wanted.some(({ policy }) => policy.name === id.name && policy.namespace === id.namespace)
    for (const entry of registry.entriesOf(this.#origin)) {
      if (kept.has(entry) || isWanted(entry)) continue
      await attempt(failures, async () => {
        await registry.remove(entry.id)
        counts.removed++
      })
    }
    for (const document of wanted) {
      await attempt(failures, async () => {
        const done = await registry.put(this.#origin, document)
        if (done !== 'same') counts[done]++
      })
    }
    return { ...counts, failures }
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
