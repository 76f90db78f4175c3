const exitInterrupted = 130

/**
 * Ignores the first interrupt (SIGINT): Ctrl-C reaches every program of a pipeline, and the last
 * events of the one before are still to be shown. The second one ends the process. Returns a
 * function that restores the default.
 */
export function deferInterrupt(): () => void {
  let interrupted = false
  const onInterrupt = (): void => {
    if (interrupted) process.exit(exitInterrupted)
    interrupted = true
  }
  process.on('SIGINT', onInterrupt)
  return () => process.off('SIGINT', onInterrupt)
}
