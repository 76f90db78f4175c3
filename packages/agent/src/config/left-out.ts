const noFilterMap = 'one table has the policies of each control group'

/** Options of the original that are not supported, with the reason. */
export const leftOut: ReadonlyMap<string, string> = new Map([
  ['gops-address', 'gops inspects Go programs; --pprof-address serves profiles of this process'],
  ['disable-process-cache', 'every event needs its process'],
  ['enable-policy-filter-cgroup-map', noFilterMap],
  ['enable-policy-filter-debug', noFilterMap],
  ['enable-pod-info', 'the agent does not read addresses of pods'],
])
