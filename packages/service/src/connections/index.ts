// Limits of the connections of a listener, and of what its clients send.

export { Allowances, type Rate } from './allowances.ts'
export { clientOf } from './client-network.ts'
export {
  ConnectionLimiter,
  type ConnectionLimits,
  limitConnections,
} from './limit-connections.ts'
export { MeteredSocket } from './metered-socket.ts'
export { OpenConnections } from './open-connections.ts'
