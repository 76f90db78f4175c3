import { attachType } from '../asm/index.ts'
import { bpf, bpfCommand, Fd, Memory } from '../sys/index.ts'
import { type Attachable, FdLink, type Link } from './link.ts'

const BPF_F_KPROBE_MULTI_RETURN = 1

export interface KprobeMultiOptions {
  /** Functions by name; all must exist. Either these or `addresses`. */
  readonly symbols?: readonly string[]
  /** Functions by address, from /proc/kallsyms. */
  readonly addresses?: readonly bigint[]
  /** For each function the value that bpf_get_attach_cookie returns. */
  readonly cookies?: readonly bigint[]
  readonly atReturn?: boolean
}

/**
 * Runs a program (type kprobe, attach type traceKprobeMulti) at many kernel functions, through
 * ftrace: thousands attach in milliseconds, and each hit is cheaper than a kprobe. Kernel 5.18.
 * @throws SystemCallError
 */
export function attachKprobeMulti(program: Attachable, options: KprobeMultiOptions): Link {
  const { symbols = [], addresses = [], cookies = [], atReturn = false } = options
  const count = symbols.length + addresses.length
  const kind = atReturn ? 'kretprobe.multi' : 'kprobe.multi'
  const first = symbols[0] ?? `0x${addresses[0]?.toString(16)}`
  const target = count === 1 ? first : `${first} and ${count - 1} more`
  if (symbols.length > 0 === addresses.length > 0) {
    throw new TypeError(`attach ${kind}: give either symbols or addresses`)
  }
  if (cookies.length > 0 && cookies.length !== count) {
    throw new TypeError(`attach ${kind}: ${cookies.length} cookies for ${count} functions`)
  }
  using names = Memory.allocate(symbols.reduce((sum, name) => sum + name.length + 1, 0))
  const fd = bpf(
    bpfCommand.linkCreate,
    (attr) => {
      attr.u32(0, program.fd.number).u32(8, attachType.traceKprobeMulti)
      attr.u32(16, atReturn ? BPF_F_KPROBE_MULTI_RETURN : 0).u32(20, count)
      if (symbols.length > 0) attr.copy(24, words(addressesOf(symbols, names)))
      else attr.copy(32, words(addresses))
      if (cookies.length > 0) attr.copy(40, words(cookies))
    },
    `attach ${kind} ${target}`,
  )
  return new FdLink(kind, target, new Fd(fd))
}

/** Writes strings one after the other and gives the address of each. */
function addressesOf(strings: readonly string[], memory: Memory): bigint[] {
  let at = 0
  return strings.map((text) => {
    const address = BigInt(memory.address + at)
    at += Buffer.from(memory.bytes.buffer).write(text, at, 'latin1') + 1
    return address
  })
}

function words(values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer)
}
