// Container runtimes: their CRI sockets, messages and calls.

export { RuntimeCallError, RuntimeClient } from './runtime-client.ts'
export {
  type PodSandbox,
  type RuntimeContainerStatus,
  RuntimeService,
} from './runtime-service.ts'
export { runtimeAddress, runtimeSockets } from './runtime-sockets.ts'
