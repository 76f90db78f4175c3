// Options of the Node.js in the executable. bin/tetragon.js has the reasons of the first three.

export const nodeOptions = [
  '--inspect-port=[fe80::1%/]:9229',
  '--max-semi-space-size=4',
  '--no-global-search-paths',
  // process.execve is experimental, which its user does not have to know.
  '--disable-warning=ExperimentalWarning',
]
