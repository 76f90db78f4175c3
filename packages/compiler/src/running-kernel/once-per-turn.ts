/**
 * The result of `read` for all callers that follow each other without a pause: a compilation asks
 * the same for each function and back end.
 */
export function oncePerTurn<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined
  return () => {
    if (known === undefined) {
      known = { value: read() }
      queueMicrotask(() => {
        known = undefined
      })
    }
    return known.value
  }
}
