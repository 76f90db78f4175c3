import { declare, type MessageOf, service } from '@tetragon-ts/api'

const { bool, int64, many, mapOf, message, nested, string, stringMap } = declare

const ImageSpec = message('ImageSpec', { image: string(1) })

const PodSandbox = message('PodSandbox', {
  id: string(1),
  metadata: nested(
    2,
    message('PodSandboxMetadata', { name: string(1), uid: string(2), namespace: string(3) }),
  ),
  created_at: int64(4),
  /** Those of the pod, and some that the kubelet adds. */
  labels: stringMap(5),
  annotations: stringMap(6),
})
export type PodSandbox = MessageOf<typeof PodSandbox>

const RuntimeContainer = message('Container', { id: string(1), pod_sandbox_id: string(2) })

const RuntimeContainerStatus = message('ContainerStatus', {
  id: string(1),
  metadata: nested(2, message('ContainerMetadata', { name: string(1) })),
  /** Nanoseconds since 1970; 0 until it is started. */
  started_at: int64(5),
  image: nested(8, ImageSpec),
  /** The image with its digest, if the runtime has it. */
  image_ref: string(9),
})
export type RuntimeContainerStatus = MessageOf<typeof RuntimeContainerStatus>

/** The part of the CRI that is used (runtime.v1.RuntimeService). */
export const RuntimeService = service('runtime.v1', 'RuntimeService', {
  Version: {
    request: message('VersionRequest', { version: string(1) }),
    response: message('VersionResponse', {
      version: string(1),
      runtime_name: string(2),
      runtime_version: string(3),
      runtime_api_version: string(4),
    }),
  },
  ListPodSandbox: {
    request: message('ListPodSandboxRequest', {
      filter: nested(1, message('PodSandboxFilter', { id: string(1) })),
    }),
    response: message('ListPodSandboxResponse', { items: many(nested(1, PodSandbox)) }),
  },
  ListContainers: {
    request: message('ListContainersRequest', {
      filter: nested(1, message('ContainerFilter', { id: string(1) })),
    }),
    response: message('ListContainersResponse', { containers: many(nested(1, RuntimeContainer)) }),
  },
  ContainerStatus: {
    request: message('ContainerStatusRequest', { container_id: string(1), verbose: bool(2) }),
    response: message('ContainerStatusResponse', {
      status: nested(1, RuntimeContainerStatus),
      /** Additional information of the runtime, as JSON by topic. */
      info: mapOf(string(2)),
    }),
  },
})
