import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder in memory for the files of one benchmark; removed when it is disposed. */
export class WorkFiles implements Disposable {
  readonly #folder = mkdtempSync('/dev/shm/tetragon-bench-')

  path(name: string): string {
    return join(this.#folder, name)
  }

  /** Writes a kubeconfig file. @param server URL of the API server @returns its path */
  writeKubeconfig(server: string): string {
    const path = this.path('kubeconfig')
    const config = {
      'current-context': 'x',
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    }
    writeFileSync(path, JSON.stringify(config))
    return path
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
