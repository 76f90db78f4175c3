import { CapabilitiesType, type KprobeArgument } from '@tetragon-ts/api'

// The parts of a value in an event that operators compare; undefined if the event lacks them.

/** The number of an argument of any integer type. */
export function numberOf(value: KprobeArgument): bigint | undefined {
  const number = value.int_arg ?? value.uint_arg ?? value.size_arg ?? value.long_arg
  const capability = value.capability_arg && (value.capability_arg.value ?? 0)
  const found = number ?? capability ?? systemCall(value) ?? capabilitySet(value)
  return found === undefined ? undefined : BigInt(found)
}

/** Bit 31 marks calls of 32-bit programs, as in policies. */
function systemCall({ syscall_id }: KprobeArgument): number | undefined {
  if (syscall_id === undefined) return undefined
  const { id = 0, abi = '' } = syscall_id
  return abi === 'i386' || abi === 'arm32' ? id + 2 ** 31 : id
}

/** Capability sets are shown in hexadecimal digits. */
function capabilitySet(value: KprobeArgument): bigint | undefined {
  const text =
    value.kernel_cap_t_arg ??
    value.cap_effective_arg ??
    value.cap_permitted_arg ??
    value.cap_inheritable_arg
  return text !== undefined && /^[\da-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined
}

/** A bit mask of capabilities by their names or numbers, as in events. */
export function capabilityMask(capabilities: readonly (string | number)[]): bigint {
  const numbers: Readonly<Record<string, number>> = CapabilitiesType.values
  return capabilities.reduce<bigint>((mask, capability) => {
    const number = typeof capability === 'number' ? capability : numbers[capability]
    return number === undefined ? mask : mask | (1n << BigInt(number))
  }, 0n)
}

/** The text of an argument, a string, path or bytes, as a string with a character for each byte. */
export function textOf(value: KprobeArgument): string | undefined {
  const bytes = value.bytes_arg ?? value.truncated_bytes_arg?.bytes_arg
  if (bytes !== undefined) return isBase64.test(bytes) ? atob(bytes) : undefined
  const path = pathOf(value)
  const text = path ? (path.path ?? '') : (value.net_dev_arg?.name ?? value.string_arg)
  return text === undefined ? undefined : byteString(encoder.encode(text))
}

const encoder = new TextEncoder()
const isBase64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/

/** A string with a character for each byte. */
export function byteString(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

function pathOf(value: KprobeArgument) {
  return value.file_arg ?? value.path_arg ?? value.linux_binprm_arg ?? value.sockaddrun_arg
}

/** Events replace bytes that are not UTF-8. */
const replacement = '\ufffd'

/** Whether an event may have only a part of the text, or another one. */
export function isInexact(value: KprobeArgument): boolean {
  if (value.truncated_bytes_arg !== undefined) return true
  const path = value.file_arg ?? value.path_arg ?? value.linux_binprm_arg
  if (path?.flags?.includes('unresolvedPathComponents')) return true
  return (value.string_arg ?? pathOf(value)?.path)?.includes(replacement) ?? false
}

/** First letters of `ls -l` by S_IFMT values (include/uapi/linux/stat.h). */
const fileTypes: Readonly<Record<string, bigint>> = {
  s: 0o140000n,
  l: 0o120000n,
  '-': 0o100000n,
  b: 0o060000n,
  d: 0o040000n,
  c: 0o020000n,
  p: 0o010000n,
}

/** The type of a file, as S_IFMT has it, from its permissions. */
export function fileTypeOf(value: KprobeArgument): bigint | undefined {
  const { permission } = value.file_arg ?? value.path_arg ?? value.linux_binprm_arg ?? {}
  return permission === undefined ? undefined : fileTypes[permission[0]]
}

/** One side of a connection. */
export interface RecordedEnd {
  readonly address: string
  readonly port: bigint
}

/** The source or destination of a socket or packet; an address alone is a source. */
export function endOf(
  value: KprobeArgument,
  side: 'source' | 'destination',
): RecordedEnd | undefined {
  const { sockaddr_arg } = value
  if (sockaddr_arg) {
    const { addr = '', port = 0 } = sockaddr_arg
    return side === 'source' ? { address: addr, port: BigInt(port) } : undefined
  }
  const socket = value.sock_arg ?? value.skb_arg
  if (socket === undefined) return undefined
  const { saddr = '', daddr = '', sport = 0, dport = 0 } = socket
  const [address, port] = side === 'source' ? [saddr, sport] : [daddr, dport]
  return { address, port: BigInt(port) }
}

/** Properties of a socket by name, as in events. */
export function socketName(
  value: KprobeArgument,
  property: 'protocol' | 'family' | 'state',
): string | undefined {
  if (property === 'state') return value.sock_arg?.state
  const socket = value.sock_arg ?? value.skb_arg
  if (property === 'protocol') return socket?.protocol
  return (socket ?? value.sockaddr_arg ?? value.sockaddrun_arg)?.family
}
