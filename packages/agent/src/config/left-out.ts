/** Options of the original that there is no use for here, with the reason. */
export const leftOut: ReadonlyMap<string, string> = new Map([
  ['gops-address', 'gops looks into Go programs; --pprof-address shows what this process does'],
])
