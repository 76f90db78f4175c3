// A small client for the Kubernetes API: requests, list and watch, workloads of pods.

export { ApiClient, ApiError } from './api-client.ts'
export { type ClusterAddress, clusterAddress } from './cluster-address.ts'
export { KubernetesError } from './error.ts'
export { errorCodes, type KubernetesErrorCode } from './error-codes.ts'
export {
  type KubeObject,
  type ResourceHandler,
  type WaitMs,
  watchResources,
} from './watch-resources.ts'
export { type PodOrigin, type WorkloadName, workloadOfPod } from './workload-of-pod.ts'
