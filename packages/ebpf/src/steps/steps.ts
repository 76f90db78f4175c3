/**
 * Where steps may be interrupted: `part` when a part of the work is done, which counts as progress;
 * a promise when the work waits for it.
 */
export type Pause = Promise<unknown> | 'part' | undefined

/** Work that the caller drives; between two steps it may do something else. */
export type Steps<Result> = Generator<Pause, Result>

/** Operations of a long list between two pauses: well below a millisecond each. */
export const chunkOps = 2048

/**
 * Runs steps to their end without a pause.
 * @throws TypeError if they wait for a promise
 */
export function runSteps<Result>(steps: Steps<Result>): Result {
  let step = steps.next()
  while (!step.done) {
    if (step.value instanceof Promise) throw new TypeError('run steps: they wait for a promise')
    step = steps.next()
  }
  return step.value
}

/** Waits for a promise in steps: their caller continues them with its result or error. */
export function* waitFor<Result>(promise: Promise<Result>): Steps<Result> {
  return (yield promise) as Result
}
