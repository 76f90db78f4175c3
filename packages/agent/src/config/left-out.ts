const noPods = 'this release has no information about pods'
const noFilter = 'the programs of a policy test which processes it applies to'

/** Options of the original that are not supported, with the reason. */
export const leftOut: ReadonlyMap<string, string> = new Map([
  ['gops-address', 'gops inspects Go programs; --pprof-address serves profiles of this process'],
  ['keep-sensors-on-exit', 'nothing stays in the kernel when the agent ends, however it ends'],
  ['disable-process-cache', 'every event needs its process'],
  ['enable-policy-filter', noFilter],
  ['enable-policy-filter-cgroup-map', noFilter],
  ['enable-policy-filter-debug', noFilter],
  ['enable-tracing-policy-crd', noPods],
  ['enable-k8s-api', noPods],
  ['k8s-kubeconfig-path', noPods],
  ['k8s-controlplane-retry', noPods],
  ['enable-pod-info', noPods],
  ['enable-pod-annotations', noPods],
  ['deleted-pod-cache-size', noPods],
  ['enable-cri', noPods],
  ['cri-endpoint', noPods],
  ['enable-cgidmap', noPods],
  ['enable-cgidmap-debug', noPods],
  ['enable-cgtrackerid', noPods],
])
