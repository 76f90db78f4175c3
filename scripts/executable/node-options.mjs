// Options of the Node.js in the executable. bin/tetragon.js has the reasons of the first three.

export const nodeOptions = [
  '--inspect-port=[fe80::1%/]:9229',
  '--max-semi-space-size=4',
  '--no-global-search-paths',
  // process.execve is experimental, which its user does not have to know.
  '--disable-warning=ExperimentalWarning',
]

/**
 * Options of the process that compiles, so that V8's code is the same each time. Hash tables have
 * the same order. Garbage is not collected, since that drops code after some time, and strings.
 */
export const compileOptions = [
  '--hash-seed=1',
  '--min-semi-space-size=512',
  '--max-semi-space-size=512',
  '--initial-old-space-size=3072',
  '--no-incremental-marking',
]

/** The values that these have in the executable. */
export const changedOptions = [
  '--hash-seed=0',
  '--min-semi-space-size=0',
  '--max-semi-space-size=4',
  '--initial-old-space-size=0',
  '--incremental-marking',
]
