import { boolean, list, map, object, oneOf, required, string } from './schema.ts'
import { metadataSchema } from './tracing-policy.ts'

const metadata = object('PodInfoMetadata', 'Name, namespace and labels of the pod.', {
  ...metadataSchema.fields,
  name: required(string('Name of the pod.')),
  namespace: string('Namespace of the pod.'),
  labels: map('Labels of the pod.', string('Value of the label.')),
  annotations: map('Annotations of the pod.', string('An annotation.')),
})

/** What Tetragon's operator writes down of each pod; it has the pod's name and namespace. */
export const podInfoSchema = object('PodInfo', 'Facts about a pod, written by the operator.', {
  apiVersion: required(oneOf('Version of the API.', ['cilium.io/v1alpha1'])),
  kind: required(oneOf('Always PodInfo.', ['PodInfo'])),
  metadata: required(metadata),
  spec: object('PodInfoSpec', 'Where the pod runs.', {
    hostNetwork: boolean('Whether it is in the network namespace of the node.'),
    nodeName: string('Node that it is on.'),
  }),
  status: object('PodInfoStatus', 'Its addresses.', {
    podIP: string('Address of the pod.'),
    podIPs: list(
      'All its addresses.',
      object('PodIP', 'An address of the pod.', { IP: string('IPv4 or IPv6.') }),
    ),
  }),
  workloadType: object('WorkloadType', 'Kind of the workload that the pod belongs to.', {
    apiVersion: string('Version of its API, such as apps/v1.'),
    kind: string('Kind, such as Deployment.'),
  }),
  workloadObject: object('WorkloadObject', 'The workload that the pod belongs to.', {
    name: string('Name of the workload.'),
    namespace: string('Its namespace.'),
  }),
})

/** As the API server knows it. */
export const podInfoKind = { kind: 'PodInfo', plural: 'podinfo', shortName: 'tgpi' } as const
