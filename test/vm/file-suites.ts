import { after, before, describe } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { aloneFiles } from './alone.ts'
import { reportProgress } from './progress.ts'
import './property-limit.ts'

/** What the tests of a process share: from `share` on, until `end`. */
interface Sharing {
  readonly share: () => void
  readonly end: () => Promise<void>
}

/**
 * Declares a suite for each test file, with the file's tests and hooks. All files are loaded before
 * the first test runs, and the suites run in this order.
 * @param load loads a packed test by its name
 * @param files names of packed tests, each followed by the path of its source
 * @param agents shared by files
 */
export function declareFiles(
  load: (name: string) => unknown,
  files: readonly string[],
  agents: Sharing = { share: () => {}, end: async () => {} },
): void {
  agents.share()
  for (let i = 0; i < files.length; i += 2) {
    const [name, file] = [files[i], files[i + 1]]
    describe(file, () => {
      before(async () => {
        // The reporter writes earlier records, so that a later crash is attributed to this file.
        await nextTurn()
        reportProgress({ at: 'begin', file })
        if (aloneFiles.includes(file)) await agents.end()
      })
      reportProgress({ at: 'load', file })
      try {
        load(name)
      } finally {
        // After the hooks of the file itself.
        if (i + 2 === files.length) after(agents.end)
      }
    })
  }
}
