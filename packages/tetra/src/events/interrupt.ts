const exitInterrupted = 130

/**
 * Ignores the first interrupt (SIGINT): Ctrl-C reaches every program of a pipeline, and the last
 * events of the previous program must still be shown. The second one ends the process.
 * @returns restores the default
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

/**
 * Calls back at the first interrupt (SIGINT, SIGTERM); the second one ends the process as usual.
 */
export function onInterrupt(act: () => void): () => void {
  process.once('SIGINT', act)
  process.once('SIGTERM', act)
  return () => {
    process.off('SIGINT', act)
    process.off('SIGTERM', act)
  }
}
