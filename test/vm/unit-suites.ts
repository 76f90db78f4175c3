import { before, describe } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { reportProgress } from './progress.ts'
import './property-limit.ts'

/**
 * Program: `unit-suites.js COMPILED SOURCE…` runs unit tests in one process, which saves most of
 * their loading time. Each file is a suite named by its source; all are loaded before the first
 * test runs.
 */
let begin = () => {}
const allLoaded = new Promise<void>((resolve) => {
  begin = resolve
})
const files = process.argv.slice(2)
for (let i = 0; i < files.length; i += 2) {
  const [compiled, file] = [files[i], files[i + 1]]
  await new Promise<void>((loaded) => {
    describe(file, async () => {
      before(async () => {
        // The reporter writes earlier records, so that a later crash is attributed to this file.
        await nextTurn()
        reportProgress({ at: 'begin', file })
      })
      reportProgress({ at: 'load', file })
      try {
        await import(pathToFileURL(compiled).href)
      } finally {
        loaded()
      }
      await allLoaded
    })
  })
}
begin()
