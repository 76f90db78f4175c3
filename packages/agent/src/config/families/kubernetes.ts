import { flag, integer, text } from '@tetragon-ts/service/options'

const fromBundles =
  'containers are found by their control group, and pods in the bundles of the runtime'

/** Pods and the API server. */
export const kubernetesOptions = {
  'enable-k8s-api': flag({
    help:
      'watch the pods of this node in the Kubernetes API, and include their labels and workloads ' +
      'in events',
  }),
  'enable-tracing-policy-crd': flag({
    default: 'true',
    help: 'watch policies in the Kubernetes API, if --enable-k8s-api is set',
  }),
  'k8s-kubeconfig-path': text({
    value: 'FILE',
    help: "kubeconfig file for the Kubernetes API; default: the service account of the agent's pod",
  }),
  'k8s-controlplane-retry': integer({
    default: '1',
    min: -1,
    max: 1e6,
    help: 'attempts to connect to the Kubernetes API',
    noEffect: 'the agent retries until it succeeds, and events do not wait',
  }),
  'enable-pod-annotations': flag({ help: 'include annotations of pods in events' }),
  'deleted-pod-cache-size': integer({
    value: 'PODS',
    default: '1024',
    min: 0,
    max: 1e6,
    help: 'maximum number of cached deleted pods, whose processes can end later',
  }),
  'enable-cri': flag({
    help:
      'ask the socket of the container runtime for labels and image digests of pods, and for pods ' +
      'whose bundle cannot be read',
  }),
  'cri-endpoint': text({
    value: 'ADDRESS',
    help: 'socket of the container runtime, with --enable-cri; default: the first usual one that exists',
  }),
  'enable-nri': flag({
    help:
      'follow containers through the NRI socket of the container runtime: their first event has ' +
      'the labels of the pod',
  }),
  'nri-endpoint': text({
    value: 'FILE',
    help: 'NRI socket, with --enable-nri; default: /run/nri/nri.sock of the host',
  }),
  'enable-cgidmap': flag({ help: 'find pods by control group', noEffect: fromBundles }),
  'enable-cgidmap-debug': flag({ help: 'log how pods are found', noEffect: fromBundles }),
  'enable-cgtrackerid': flag({
    default: 'true',
    help: 'find the container of nested control groups',
    noEffect: fromBundles,
  }),
}
