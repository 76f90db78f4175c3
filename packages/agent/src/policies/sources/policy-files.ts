import { sep } from 'node:path'
import type { PolicyDocument } from '@tetragon-ts/policy'
import type { PolicyEntry } from '../registry/policy-entry.ts'
import type { PolicyRegistry } from '../registry/policy-registry.ts'
import { wantedPaths } from './policy-paths.ts'
import { findRepeated, readEachFile } from './read-files.ts'

/** What reading the files again has changed. */
export interface ReloadReport {
  readonly added: number
  readonly replaced: number
  readonly removed: number
  /** What could not be done, and why. */
  readonly failures: readonly string[]
}

/** The policies of the files and folders that the agent was started with. */
export class PolicyFiles {
  readonly #paths: readonly string[]
  readonly #registry: PolicyRegistry
  #last: Promise<unknown> = Promise.resolve()

  constructor(paths: readonly string[], registry: PolicyRegistry) {
    this.#paths = paths
    this.#registry = registry
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
    const files = wantedPaths(this.#paths).flatMap(readEachFile)
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
