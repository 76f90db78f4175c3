// Container runtimes: their CRI sockets, and calls.

export { RuntimeCallError, RuntimeClient } from './runtime-client.ts'
export { runtimeAddress, runtimeSockets } from './runtime-sockets.ts'
