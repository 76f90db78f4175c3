import type { Bytes, Cell, Code, Int, Variable } from '@tetragon-ts/ebpf/lang'
import { type Shape, u16, u32 } from '@tetragon-ts/ebpf/records'
import { asInt } from '../hook/hit.ts'
import { isError, readAny, readString } from '../hook/memory.ts'
import type { ArgumentType, SocketFacet } from './argument-type.ts'
import { addressMember, jsonNames, numberMember, textMember } from './json.ts'
import { familyName } from './network-names.ts'

const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10

/** struct sockaddr_in6, the longer one: include/uapi/linux/in6.h. */
const longest = 28
/** Minimum size of struct sockaddr. */
const shortest = 16

const structures = [
  ...['sockaddr', 'sockaddr_unsized', 'sockaddr_storage', '__kernel_sockaddr_storage'],
  ...['sockaddr_in', 'sockaddr_in6', 'sockaddr_un'],
]

const shape = {
  family: u16,
  port: u16,
  a0: u32,
  a1: u32,
  a2: u32,
  a3: u32,
} as const satisfies Shape

const familyJson = textMember('family', true)
const addressJson = addressMember('addr')
const portJson = numberMember('port')

/** The address of a socket of the Internet families. */
const sockaddrType: ArgumentType<typeof shape> = {
  facets: ['family', 'sourcePort', 'source'],
  expects: { kind: 'structure', names: structures, fixed: true },
  shape,
  tailMax: 0,
  costly: true,
  readsUserMemory: true,
  read(hit, raw) {
    const { k } = hit
    const address = asInt(k, raw)
    // The value is read once: user space may change it at any time.
    const memory = k.stackBytes(longest + 4)
    for (let at = 0; at < longest + 4; at += 8) memory.store(8, at, 0)
    const failed = k.variable(readAny(hit, memory, shortest, address))
    const family = () => memory.load(2)
    k.when(family().eq(AF_INET6), () => {
      failed.set(readAny(hit, memory, longest, address))
    })
    const hasPort = () =>
      family()
        .eq(AF_INET)
        .or(() => family().eq(AF_INET6))
    const port = () => k.select(hasPort(), memory.load(2, 2).swapBytes(16), 0)
    const words = (): readonly Int[] => {
      const isLong = k.select(family().eq(AF_INET6), 1, 0)
      const first = k.variable(memory.load(4, 4))
      k.when(isLong.ne(0), () => first.set(memory.load(4, 8)))
      return [first, ...[12, 16, 20].map((at) => memory.load(4, at).mul(isLong))]
    }
    const socket: SocketFacet = {
      get family() {
        return family()
      },
      get sourcePort() {
        return port()
      },
      get source() {
        return words()
      },
    }
    return {
      fields() {
        const [a0, a1, a2, a3] = words()
        return { family: family(), port: port(), a0, a1, a2, a3 }
      },
      unreadable: () => isError(failed),
      from: address,
      socket,
    }
  },
  json(out, { fields, namesOf }) {
    const { family, port, a0, a1, a2, a3 } = fields
    out.latin1('"sockaddr_arg":{')
    familyJson(out, familyName(family))
    if (family === AF_INET || family === AF_INET6) {
      addressJson(out, family, a0, a1, a2, a3)
      portJson(out, port)
      jsonNames(out, 'names', namesOf?.(family, a0, a1, a2, a3))
    }
    out.byte(0x7d)
  },
}

/** Size of UNIX_PATH_MAX in include/uapi/linux/un.h, plus the sign of an abstract address. */
const pathMax = 128
const unixPath = 108
const unixShape = { family: u16, padding: u16, padding2: u32 } as const satisfies Shape

/** Bytes of the family before the path. */
const familySize = 2

function limit(k: Code, length: Variable, most: Int): void {
  k.when(most.signedLt(0), () => length.set(0))
  k.when(
    most.signedGe(0).and(() => length.gt(most)),
    () => length.set(most),
  )
}

/** The address of a Unix socket; abstract ones begin with `@`. */
const sockaddrUnType: ArgumentType<typeof unixShape> = {
  facets: ['text', 'family'],
  expects: { kind: 'structure', names: structures, fixed: true },
  shape: unixShape,
  tailMax: pathMax,
  costly: true,
  readsUserMemory: true,
  read(hit, raw, { sizeIndex }, context) {
    const { k } = hit
    const address = asInt(k, raw)
    const size = sizeIndex === undefined ? undefined : hit.parameter(sizeIndex)
    const head = k.stackBytes(8)
    head.store(8, 0, 0)
    // A socket without a name has only a family.
    const headFailed = isError(readAny(hit, head, 2, address))
    const family = head.load(2)
    let pathFailed: Cell | undefined
    return {
      fields: () => ({ family, padding: 0, padding2: 0 }),
      unreadable: () => pathFailed?.get().or(headFailed) ?? headFailed,
      from: address,
      socket: { family },
      writeTail(to) {
        const length = k.variable(0)
        const failed = context.scratch(8).cell(0)
        pathFailed = failed
        k.when(family.eq(AF_UNIX), () => {
          const first = k.stackBytes(8)
          first.store(8, 0, 0)
          const noFirst = isError(readAny(hit, first, 1, address.add(2)))
          const addString = (to: Bytes, max: number, from: Int): Int => {
            const text = readString(hit, to, max, from)
            failed.set(text.failed.or(noFirst))
            return text.length
          }
          k.when(
            first.load(1).ne(0),
            () => length.set(addString(to, unixPath + 1, address.add(2))),
            () => {
              to.store(1, 0, '@'.charCodeAt(0))
              const name = addString(to.at(1), unixPath, address.add(3))
              k.when(name.ne(0), () => length.set(name.add(1)))
            },
          )
          // An abstract name ends with the address, and a path may: no zero follows it, but
          // memory of the kernel that belongs to something else.
          if (size) limit(k, length, asInt(k, size).signed(32).sub(familySize))
        })
        return length.and(pathMax - 1)
      },
    }
  },
  json(out, { fields, bytes, from, to }) {
    out.latin1('"sockaddrun_arg":{')
    familyJson(out, familyName(fields.family))
    if (from < to) {
      out.latin1(',"path":"')
      out.jsonText(bytes, from, to)
      out.byte(0x22)
    }
    out.byte(0x7d)
  },
}

export const addressTypes = { sockaddr: sockaddrType, sockaddr_un: sockaddrUnType }
