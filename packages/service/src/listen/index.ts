// Addresses to listen on.

export {
  clientAddress,
  grpcAddress,
  isLocal,
  type ListenAddress,
  parseAddress,
} from './address.ts'
