/** Options of the operator of Tetragon with their defaults, as of August 2026. */
export const operatorOptions: Readonly<Record<string, string>> = {
  'skip-crd-creation': 'false',
  'kube-config': '',
  'config-dir': '',
  'skip-pod-info-crd': 'false',
  'skip-tracing-policy-crd': 'false',
  'force-update-crds': 'false',
  'metrics-bind-address': '0',
  'health-probe-bind-address': ':8081',
  'leader-election': 'false',
  'leader-election-namespace': '',
  'leader-election-lease-duration': '15s',
  'leader-election-renew-deadline': '5s',
  'leader-election-retry-period': '2s',
  cmdref: 'false',
  help: 'false',
}
