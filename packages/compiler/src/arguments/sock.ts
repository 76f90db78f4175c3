import { type Code, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import { type Fields, type Shape, u16, u32, u64 } from '@tetragon-ts/ebpf/records'
import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { asPointer, type Hit, type Raw } from '../hook/hit.ts'
import type { ArgumentType, ArgumentValue, DecodedArgument, SocketFacet } from './argument-type.ts'
import { addressMember, jsonInteger64, jsonNames, numberMember, textMember } from './json.ts'
import type { JsonWriter } from './json-writer.ts'
import { familyName, protocolName, socketTypeName, stateName } from './network-names.ts'

/** include/linux/net.h */
const Socket = kernelStruct<{ readonly sk: Ptr<Sock> }>('socket')

const AF_INET = 2
const AF_INET6 = 10

export const sockShape = {
  cookie: u64,
  family: u16,
  type: u16,
  protocol: u16,
  state: u16,
  sport: u16,
  dport: u16,
  mark: u32,
  priority: u32,
  s0: u32,
  s1: u32,
  s2: u32,
  s3: u32,
  d0: u32,
  d1: u32,
  d2: u32,
  d3: u32,
} as const satisfies Shape
type SockShape = typeof sockShape

/** A socket. Its members are loaded on demand: events contain many, filters need few. */
export function readSock(k: Code, sock: Ptr<Sock>): ArgumentValue {
  const common = sock.__sk_common
  const address = (v4: 'skc_rcv_saddr' | 'skc_daddr', v6: 'skc_v6_rcv_saddr' | 'skc_v6_daddr') => {
    const words = [k.variable(common[v4]), k.variable(0), k.variable(0), k.variable(0)]
    k.when(common.skc_family.eq(AF_INET6), () => {
      words.forEach((word, i) => {
        word.set(common[v6].in6_u.u6_addr32.at(i))
      })
    })
    return words
  }
  const socket: SocketFacet = {
    get address() {
      return k.address(sock as Ptr<object>)
    },
    get family() {
      return common.skc_family
    },
    get protocol() {
      return sock.sk_protocol
    },
    get state() {
      return common.skc_state
    },
    get sourcePort() {
      return common.skc_num
    },
    get destinationPort() {
      return common.skc_dport.swapBytes(16)
    },
    get source() {
      return address('skc_rcv_saddr', 'skc_v6_rcv_saddr')
    },
    get destination() {
      return address('skc_daddr', 'skc_v6_daddr')
    },
  }
  const fields = () => {
    const { family, protocol, state, sourcePort: sport, destinationPort: dport } = socket
    const { sk_type: type, sk_mark: mark, sk_priority: priority } = sock
    const [s0, s1, s2, s3] = socket.source ?? []
    const [d0, d1, d2, d3] = socket.destination ?? []
    return {
      cookie: k.address(sock as Ptr<object>),
      family,
      type,
      protocol,
      state,
      sport,
      dport,
      mark,
      priority,
      s0,
      s1,
      s2,
      s3,
      d0,
      d1,
      d2,
      d3,
    }
  }
  return { fields, socket, pointer: k.address(sock as Ptr<object>) }
}

function sockValue(hit: Hit, raw: Raw): ArgumentValue {
  const sock = asPointer(hit.k, raw, Sock)
  return readSock(hit.k, sock)
}

const json = {
  family: textMember('family', true),
  type: textMember('type'),
  protocol: textMember('protocol'),
  mark: numberMember('mark'),
  priority: numberMember('priority'),
  saddr: addressMember('saddr'),
  daddr: addressMember('daddr'),
  sport: numberMember('sport'),
  dport: numberMember('dport'),
  state: textMember('state'),
} as const

function sockJson(out: JsonWriter, { fields, namesOf }: DecodedArgument<Fields<SockShape>>): void {
  const { family } = fields
  const inet = family === AF_INET || family === AF_INET6
  out.latin1('"sock_arg":{')
  json.family(out, familyName(family))
  json.type(out, socketTypeName(fields.type))
  json.protocol(out, protocolName(fields.protocol))
  json.mark(out, fields.mark)
  json.priority(out, fields.priority)
  if (inet) {
    const { s0, s1, s2, s3, d0, d1, d2, d3 } = fields
    json.saddr(out, family, s0, s1, s2, s3)
    json.daddr(out, family, d0, d1, d2, d3)
    json.sport(out, fields.sport)
    json.dport(out, fields.dport)
  }
  if (fields.cookieHigh !== 0 || fields.cookieLow !== 0) {
    out.latin1(',"cookie":')
    jsonInteger64(out, fields.cookieHigh, fields.cookieLow, false)
  }
  json.state(out, stateName(fields.state))
  if (inet) {
    const { d0, d1, d2, d3 } = fields
    jsonNames(out, 'destination_names', namesOf?.(family, d0, d1, d2, d3))
  }
  out.byte(0x7d)
}

const common = {
  shape: sockShape,
  facets: [
    ...(['address', 'family', 'protocol', 'state', 'sourcePort', 'destinationPort'] as const),
    ...(['source', 'destination'] as const),
  ],
  tailMax: 0,
  // Each attempt may use a new socket.
  incidental: ['cookie'],
  costly: true,
  json: sockJson,
} as const

const sockType: ArgumentType<SockShape> = {
  ...common,
  expects: { kind: 'structure', names: ['sock'] },
  read: (hit, raw) => sockValue(hit, raw),
}

const socketType: ArgumentType<SockShape> = {
  ...common,
  expects: { kind: 'structure', names: ['socket'] },
  read: (hit, raw) => sockValue(hit, asPointer(hit.k, raw, Socket).sk),
}

export const sockTypes = { sock: sockType, socket: socketType }
