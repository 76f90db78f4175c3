import { boolean, list, map, object, oneOf, required, string } from '../fields/schema.ts'
import { metadataSchema } from './tracing-policy.ts'

const metadata = object('PodInfoMetadata', 'Name, namespace and labels of the pod.', {
  ...metadataSchema.fields,
  name: required(string('Name of the pod.')),
  namespace: string('Namespace of the pod.'),
  labels: map('Labels of the pod.', string('Value of the label.')),
  annotations: map('Annotations of the pod.', string('An annotation.')),
})

/** Information about a pod from Tetragon's operator; it has the pod's name and namespace. */
export const podInfoSchema = object(
  'PodInfo',
  'Information about a pod, written by the operator.',
  {
    apiVersion: required(oneOf('Version of the API.', ['cilium.io/v1alpha1'])),
    kind: required(oneOf('Always PodInfo.', ['PodInfo'])),
    metadata: required(metadata),
    spec: object('PodInfoSpec', 'Where the pod runs.', {
      hostNetwork: boolean('The pod uses the network namespace of the node.'),
      nodeName: string('Node of the pod.'),
    }),
    status: object('PodInfoStatus', 'Addresses of the pod.', {
      podIP: string('Address of the pod.'),
      podIPs: list(
        'All addresses of the pod.',
        object('PodIP', 'An address of the pod.', { IP: string('IPv4 or IPv6.') }),
      ),
    }),
    workloadType: object('WorkloadType', 'Kind of the workload that the pod belongs to.', {
      apiVersion: string('API version of the workload, such as apps/v1.'),
      kind: string('Kind, such as Deployment.'),
    }),
    workloadObject: object('WorkloadObject', 'The workload that the pod belongs to.', {
      name: string('Name of the workload.'),
      namespace: string('Namespace of the workload.'),
    }),
  },
)

/** The kind in the API server. */
export const podInfoKind = { kind: 'PodInfo', plural: 'podinfo', shortName: 'tgpi' } as const
