import { declare, service } from '@tetragon-ts/api'

const { bool, mapOf, message, string } = declare

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
  ContainerStatus: {
    request: message('ContainerStatusRequest', { container_id: string(1), verbose: bool(2) }),
    response: message('ContainerStatusResponse', {
      /** Additional information of the runtime, as JSON by topic. */
      info: mapOf(string(2)),
    }),
  },
})
