import { sep } from 'node:path'
import type { PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../../error.ts'
import { checkSupport } from '../kernel/check-support.ts'
import type { PolicyEntry } from '../registry/policy-entry.ts'
import type { PolicyRegistry } from '../registry/policy-registry.ts'
import { requiredPaths } from './policy-paths.ts'
import type { PolicySource, ReloadReport } from './policy-source.ts'
import { findRepeated, readEachFile, readPolicyFiles } from './read-files.ts'

/** The policies of the files and folders that the agent was started with. */
export class PolicyFiles implements PolicySource {
  readonly #paths: readonly string[]
  readonly #atStart: readonly PolicyDocument[]
  readonly #registry: PolicyRegistry
  #last: Promise<unknown> = Promise.resolve()
  #isClosed = false

  /** @param atStart what {@link readAtStart} found */
  constructor(
    paths: readonly string[],
    registry: PolicyRegistry,
    atStart: readonly PolicyDocument[] = [],
  ) {
    this.#paths = paths
    this.#atStart = atStart
    this.#registry = registry
  }

  async start(): Promise<void> {
    for (const document of this.#atStart) await this.#registry.put(document)
  }

  close(): void {
    this.#isClosed = true
  }

  /**
   * Reads them again: what is new is loaded, what is gone unloaded, what is different replaced.
   * Where a file cannot be read or a policy cannot be loaded, what is there goes on and shows the
   * error.
   */
  reload(): Promise<ReloadReport> {
    const report = this.#last.then(() => this.#reload())
    this.#last = report.catch(() => {})
    return report
  }

  async #reload(): Promise<ReloadReport> {
    if (this.#isClosed) return { added: 0, replaced: 0, removed: 0, failures: [] }
    const files = requiredPaths(this.#paths).flatMap(readEachFile)
    const documents = files.flatMap((file) => file.documents)
    const repeated = findRepeated(documents)
    const failures = [...repeated.values()]
    const counts = { added: 0, replaced: 0, removed: 0 }
    const kept = new Set<PolicyEntry>()
    for (const { path, error } of files) {
      if (error === '') continue
      failures.push(error)
      for (const entry of this.#registry.statics) {
        if (!isOf(path, entry.document)) continue
        entry.error = error
        kept.add(entry)
      }
    }
    const wanted = documents.filter((document) => !repeated.has(document))
    const isWanted = ({ id }: PolicyEntry): boolean =>
      wanted.some(({ policy }) => policy.name === id.name && policy.namespace === id.namespace)
    for (const entry of this.#registry.statics) {
      if (kept.has(entry) || isWanted(entry)) continue
      await attempt(failures, async () => {
        await this.#registry.remove(entry.id)
        counts.removed++
      })
    }
    for (const document of wanted) {
      await attempt(failures, async () => {
        const done = await this.#registry.put(document)
        if (done !== 'same') counts[done]++
      })
    }
    return { ...counts, failures }
  }
}

/**
 * Reads the policies before the agent starts: with a policy that has an error it does not start.
 * @throws AgentError AGENT_POLICY with everything that is wrong
 */
export function readAtStart(paths: readonly string[]): PolicyDocument[] {
  const documents = paths.flatMap(readPolicyFiles)
  checkSupport(documents)
  const repeated = [...findRepeated(documents).values()]
  if (repeated.length > 0) throw new AgentError('AGENT_POLICY', repeated.join('\n'))
  return documents
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
