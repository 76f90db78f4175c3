/** Receives what happens to objects of a kind that the operator writes. */
export interface WriteListener {
  /** The result of a watch: undefined if it works. */
  watched(kind: string, error: Error | undefined): void
  /** The first failure of an object since it was last written. */
  failed(key: string, error: Error): void
}

/** Handles failures of a work queue: counts all, and reports the first one of each object. */
export function failureCounter(
  counts: { errors: number },
  listener: Pick<WriteListener, 'failed'>,
): (key: string, error: Error, attempt: number) => void {
  return (key, error, attempt) => {
    counts.errors++
    if (attempt === 1) listener.failed(key, error)
  }
}
