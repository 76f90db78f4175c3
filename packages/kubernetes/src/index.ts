// A small client for the Kubernetes API: requests, list and watch, workloads of pods.

export type { ClusterAddress, ClusterTls } from './api-address.ts'
export { ApiClient, type ApiLimits } from './api-client.ts'
export { ApiError, isWebhookFailure, refusal } from './api-error.ts'
export { clusterAddress } from './cluster-address.ts'
export { KubernetesError } from './error.ts'
export { errorCodes, type KubernetesErrorCode } from './error-codes.ts'
export { type ClusterChoice, userAddress } from './kubeconfig/user-address.ts'
export { listPages } from './list-pages.ts'
export { type Fields, fields, list, text, texts } from './object-fields.ts'
export { watchFailure } from './watch-failure.ts'
export {
  type KubeObject,
  type ResourceHandler,
  type WaitMs,
  watchResources,
} from './watch-resources.ts'
export {
  type PodOrigin,
  podOrigin,
  type VersionedWorkload,
  versionedWorkload,
  type WorkloadName,
  workloadOfPod,
} from './workload-of-pod.ts'
