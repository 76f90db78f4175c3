import { better, type Exceptions, leftOut, same } from '../compatibility/table.ts'

const noHooks = leftOut('pods are found without hooks in the container runtime')
const byGroups = leftOut('pods are found by the names of control groups')
const noGops = leftOut('gops inspects Go programs; `tetragon.pprof` serves profiles')
const oneTable = leftOut('one table has the policies of each control group')
const allProcesses = leftOut('the cache has every process that lives')
const profiles = better('profiles of both threads in the format of Chrome')
const waiting = better('only hits of policies that select by labels wait, and no event')

/** Values that differ from those of Tetragon's chart, by their path or that of their group. */
export const verdicts: Exceptions = {
  'certgen.image': same('the image of the agent has the program'),
  'crds.installMethod': better('without the operator, `operator` is refused'),
  'export.stdout.image': same('the image of the agent has the program'),
  extraConfigmapMounts: better('`configMap` may differ from `name`'),
  extraHostPathMounts: better('`hostPath` may differ from `mountPath`'),
  priorityClassName: better('default of Tetragon: empty'),
  rthooks: noHooks,
  'tetragon.cgidmap': byGroups,
  'tetragon.cri': better('pods have their names without it, and no event waits for it'),
  'tetragon.enableK8sAPI': better('pods and containers have their names also without it'),
  'tetragon.enablePolicyFilterCgroupMap': oneTable,
  'tetragon.enablePolicyFilterDebug': oneTable,
  'tetragon.eventCacheRetries': waiting,
  'tetragon.eventCacheRetryDelay': waiting,
  'tetragon.gops': noGops,
  'tetragon.grpc.address': better('an address of TCP without TLS is refused, also localhost'),
  'tetragon.grpc.tls.auto.method': better('agents use new certificates without a restart'),
  'tetragon.grpc.tls.enabled': better('refused for a socket'),
  'tetragon.image': same('no public registry has the image'),
  'tetragon.livenessProbe': better('before Kubernetes 1.24: `tetra status`'),
  'tetragon.pprof': profiles,
  'tetragon.processCacheGCInterval': allProcesses,
  'tetragon.processCacheSize': allProcesses,
  'tetragon.redactionFilters': better('linear time; filters without effect are refused'),
  'tetragon.resources': better('default of Tetragon: none; values.yaml explains the numbers'),
  'tetragon.usePerfRingBuffer': leftOut('one ring for all processors keeps records in order'),
  'tetragonOperator.resources': better('the webhook checks policies for the kernels of nodes'),
  'tetragonOperator.failoverLease.enabled': better('a replica that loses the Lease waits for it'),
  'tetragonOperator.forceUpdateCRDs': better('the API server checks all changes before the first'),
  'tetragonOperator.image': same('the image of the agent has the program'),
  'tetragonOperator.podSecurityContext': better('RuntimeDefault unless a profile is given'),
  'tetragonOperator.replicas': better('more than one without `failoverLease.enabled` is refused'),
}

/** Values whose default differs from that of Tetragon's chart on purpose; their verdict says it. */
export const otherDefaults: readonly string[] = [
  'priorityClassName',
  'tetragon.resources',
  'tetragonOperator.resources',
]
