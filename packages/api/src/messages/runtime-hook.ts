import type { MessageOf } from '../message.ts'
import { many, message, nested, string, stringMap } from '../message.ts'

/** Report of a container runtime before it starts a container. */

export const Mount = message('Mount', {
  destination: string(1),
  type: string(2),
  source: string(3),
  options: many(string(4)),
})
export type Mount = MessageOf<typeof Mount>

export const CreateContainer = message('CreateContainer', {
  cgroupsPath: string(1),
  rootDir: string(2),
  annotations: stringMap(3),
  containerName: string(4),
  containerID: string(5),
  podName: string(6),
  podUID: string(7),
  podNamespace: string(8),
  containerImage: string(9),
  mounts: many(nested(10, Mount)),
})
export type CreateContainer = MessageOf<typeof CreateContainer>

export const RuntimeHookRequest = message(
  'RuntimeHookRequest',
  { createContainer: nested(1, CreateContainer) },
  { oneofs: { event: ['createContainer'] } },
)
export type RuntimeHookRequest = MessageOf<typeof RuntimeHookRequest>

export const RuntimeHookResponse = message('RuntimeHookResponse', {})
export type RuntimeHookResponse = MessageOf<typeof RuntimeHookResponse>
