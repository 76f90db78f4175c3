import type { KprobeArgument } from '@tetragon-ts/api'
import { type EventRecord, eventField } from './field.ts'
import { hookLogSource } from './hook-log-source.ts'

/** Which end of the connection the process is. */
type Direction = 'outgoing' | 'incoming'

function isIpv6(address: string | undefined): string | undefined {
  return address === undefined ? undefined : String(address.includes(':'))
}

/** Sigma's source is the end that began the connection, a socket's is the local one. */
function record(args: readonly KprobeArgument[], direction: Direction): EventRecord | undefined {
  const sock = args.find(({ sock_arg }) => sock_arg !== undefined)?.sock_arg
  const peer = args.find(({ sockaddr_arg }) => sockaddr_arg !== undefined)?.sockaddr_arg
  if (sock === undefined && peer === undefined) return undefined
  const local = { address: sock?.saddr, port: sock?.sport }
  const remote = { address: peer?.addr ?? sock?.daddr, port: peer?.port ?? sock?.dport }
  const [source, destination] = direction === 'outgoing' ? [local, remote] : [remote, local]
  const names = peer?.names ?? sock?.destination_names
  return {
    SourceIp: source.address,
    SourcePort: source.port?.toString(),
    SourceIsIpv6: isIpv6(source.address),
    DestinationIp: destination.address,
    DestinationPort: destination.port?.toString(),
    DestinationIsIpv6: isIpv6(destination.address),
    DestinationHostname: direction === 'outgoing' ? names : undefined,
    Protocol: sock?.protocol?.replace('IPPROTO_', '').toLowerCase(),
    Initiated: String(direction === 'outgoing'),
  }
}

const outgoing = (args: readonly KprobeArgument[]) => record(args, 'outgoing')

const addresses = {
  SourceIp: 'unknown',
  SourcePort: 'unknown',
  SourceIsIpv6: 'unknown',
  DestinationIp: 'unknown',
  DestinationPort: 'unknown',
  DestinationIsIpv6: 'unknown',
  Protocol: 'unknown',
} as const

/** Connections of processes. */
export const networkConnection = hookLogSource({
  name: 'network_connection',
  doc: 'a process connected to an address, or accepted a connection',
  fields: {
    SourceIp: eventField('address of the end that began the connection', 'address'),
    SourcePort: eventField('its port', 'number'),
    SourceIsIpv6: eventField('whether it is an IPv6 address', 'flag'),
    DestinationIp: eventField('address of the other end', 'address'),
    DestinationPort: eventField('its port', 'number'),
    DestinationIsIpv6: eventField('whether it is an IPv6 address', 'flag'),
    DestinationHostname: eventField('names by which the process looked up the destination'),
    Protocol: eventField('tcp or udp'),
    Initiated: eventField('true for outgoing connections', 'flag'),
  },
  hooks: {
    tcp_connect: outgoing,
    security_socket_connect: outgoing,
    udp_sendmsg: outgoing,
    inet_csk_accept: (args, { result }) => {
      return record(result === undefined ? args : [...args, result], 'incoming')
    },
  },
  uses: [
    {
      hook: 'tcp_connect',
      fields: {
        ...addresses,
        DestinationIp: { argument: 0, as: 'peerAddress' },
        DestinationPort: { argument: 0, as: 'peerPort' },
        DestinationHostname: 'unknown',
        Initiated: { constant: 'true' },
      },
    },
    { hook: 'inet_csk_accept', fields: { ...addresses, Initiated: { constant: 'false' } } },
  ],
})
