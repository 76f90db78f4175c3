// Addresses to listen on.

export {
  clientAddress,
  grpcAddress,
  hostText,
  isLocal,
  type ListenAddress,
  parseAddress,
  type TcpAddress,
} from './address.ts'
export { listenAt, type PlaceSocket } from './listen-at.ts'
