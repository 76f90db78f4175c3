import { codecOf, declare, type MessageOf } from '@tetragon-ts/api'

const { bool, bytes, int32, int64, many, message, nested, string, stringMap } = declare

// Parts of the ttrpc protocol and of NRI (nri.pkg.api.v1alpha1) that are used.

/** A call of a procedure. */
export const ttrpcRequest = codecOf(
  message('Request', {
    service: string(1),
    method: string(2),
    payload: bytes(3),
    timeout: int64(4),
  }),
)

/** Its answer. */
export const ttrpcResponse = codecOf(
  message('Response', {
    status: nested(1, message('Status', { code: int32(1), message: string(2) })),
    payload: bytes(2),
  }),
)

export const registerRequest = codecOf(
  message('RegisterPluginRequest', { plugin_name: string(1), plugin_idx: string(2) }),
)

export const configureRequest = codecOf(message('ConfigureRequest', { runtime_name: string(2) }))

/** `events` has a bit for each event, the lowest one for event 1. */
export const configureResponse = codecOf(message('ConfigureResponse', { events: int32(2) }))

const NriPod = message('PodSandbox', {
  id: string(1),
  name: string(2),
  uid: string(3),
  namespace: string(4),
  labels: stringMap(5),
  annotations: stringMap(6),
})
export type NriPod = MessageOf<typeof NriPod>

const NriContainer = message('Container', {
  id: string(1),
  pod_sandbox_id: string(2),
  name: string(3),
  annotations: stringMap(6),
})
export type NriContainer = MessageOf<typeof NriContainer>

/** All pods and containers at the registration, in one or more parts. */
export const synchronizeRequest = codecOf(
  message('SynchronizeRequest', {
    pods: many(nested(1, NriPod)),
    containers: many(nested(2, NriContainer)),
    more: bool(3),
  }),
)
export const synchronizeResponse = codecOf(message('SynchronizeResponse', { more: bool(2) }))

export const createRequest = codecOf(
  message('CreateContainerRequest', { pod: nested(1, NriPod), container: nested(2, NriContainer) }),
)

/** Sent for events that expect no change. */
export const stateChange = codecOf(message('StateChangeEvent', { pod: nested(2, NriPod) }))
