import { setImmediate as turn } from 'node:timers/promises'

/**
 * Runs steps, each in its own turn of the event loop, so that calls are answered in between.
 * @param stopped after a turn: an error that is thrown into the steps instead of the next one
 */
export async function inTurns<Result>(
  steps: Generator<unknown, Result>,
  stopped: () => Error | undefined,
): Promise<Result> {
  let step = steps.next()
  while (!step.done) {
    await turn()
    const error = stopped()
    step = error === undefined ? steps.next() : steps.throw(error)
  }
  return step.value
}
