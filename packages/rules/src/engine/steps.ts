/** Work that the caller drives: between two steps it may do something else. */
export type Steps<Result> = Generator<undefined, Result>

/** Operations between two steps: well below a millisecond. */
const operations = 512

/** Runs steps to their end. */
export function runSteps<Result>(steps: Steps<Result>): Result {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

/** The items of a list, with a step now and then. */
export function* inSteps<Item>(items: Iterable<Item>, use: (item: Item) => void): Steps<void> {
  let count = 0
  for (const item of items) {
    use(item)
    if (++count % operations === 0) yield
  }
}
