import { setFlagsFromString } from 'node:v8'
import { collectGarbage } from './collect-garbage.ts'

/** By how many percent the heap may grow between two collections. V8's own factor is up to 4. */
const percent = 30

let users = 0

/**
 * Makes V8 collect garbage more often: it lets a heap grow to a multiple of what is in use, so a
 * policy with a thousand hooks would take hundreds of megabytes, much of it garbage. The pauses are
 * short, since V8 marks in steps and on other threads. Flags are those of all threads.
 * @returns ends it; code caches of files that are loaded before then are refused
 */
export function growHeapSlowly(): Disposable {
  if (users++ === 0) {
    setFlagsFromString(`--heap-growing-percent=${percent}`)
    // Each collection sets the limit for the next one.
    collectGarbage()
  }
  return {
    [Symbol.dispose]() {
      if (--users === 0) setFlagsFromString('--heap-growing-percent=0')
    },
  }
}
