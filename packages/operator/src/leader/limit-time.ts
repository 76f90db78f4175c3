/**
 * Runs work with a signal that aborts after a time, or with another signal.
 * @returns what the work returns
 */
export async function limitTime<T>(
  end: AbortSignal | undefined,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const control = new AbortController()
  const abort = (): void => control.abort()
  if (end?.aborted) abort()
  end?.addEventListener('abort', abort)
  const timer = setTimeout(abort, ms)
  try {
    return await work(control.signal)
  } finally {
    clearTimeout(timer)
    end?.removeEventListener('abort', abort)
  }
}
