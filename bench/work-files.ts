import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A folder in memory for the files of one benchmark; removed when it is disposed. */
export class WorkFiles implements Disposable {
  readonly #folder = mkdtempSync('/dev/shm/tetragon-bench-')

  path(name: string): string {
    return join(this.#folder, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
