const noApi = 'this release does not use the API of Kubernetes'
const fromBundles =
  'containers are found by control group, their pods in the bundles of the runtime'
const noFilter = 'the programs of a policy test which processes it applies to'

/** Options of the original that are not supported, with the reason. */
export const leftOut: ReadonlyMap<string, string> = new Map([
  ['gops-address', 'gops inspects Go programs; --pprof-address serves profiles of this process'],
  ['keep-sensors-on-exit', 'nothing stays in the kernel when the agent ends, however it ends'],
  ['disable-process-cache', 'every event needs its process'],
  ['enable-policy-filter', noFilter],
  ['enable-policy-filter-cgroup-map', noFilter],
  ['enable-policy-filter-debug', noFilter],
  ['enable-tracing-policy-crd', noApi],
  ['enable-k8s-api', noApi],
  ['k8s-kubeconfig-path', noApi],
  ['k8s-controlplane-retry', noApi],
  ['enable-pod-info', noApi],
  ['enable-pod-annotations', noApi],
  ['deleted-pod-cache-size', noApi],
  ['enable-cri', fromBundles],
  ['cri-endpoint', fromBundles],
  ['enable-cgidmap', fromBundles],
  ['enable-cgidmap-debug', fromBundles],
  ['enable-cgtrackerid', fromBundles],
])
