import type { Btf } from '../btf/index.ts'
import type { Builder } from './builder.ts'
import type { Virtual } from './codegen/ir.ts'
import type { Target } from './target.ts'

// Why not typed pointers: for each one that a program follows, the verifier searches the kernel's
// types, for up to a millisecond. And at LSM hooks and raw tracepoints it assumes since 6.2 that
// pointer arguments are valid, though the kernel passes NULL in some places: a plain load through
// it crashes the machine. bpf_probe_read_kernel takes some 20 ns, a cast a fortieth of that.

type ReadTarget = Pick<Target, 'btf' | 'directReads' | 'openReads'>

/** What reading kernel memory without a helper takes: two ids in the kernel's BTF. */
export interface DirectRead {
  /** The kernel function bpf_rdonly_cast, which becomes a single move: kernel/bpf/helpers.c. */
  readonly cast: number
  /** struct timespec64, two plain 64-bit numbers: whatever is read as a part of one is a number. */
  readonly numbers: number
  /** Undefined where this kernel has no such structure, or its verifier reads nothing in it. */
  readonly bytes?: OpenBytes | undefined
}

/**
 * A structure that ends in bytes without a length: the verifier takes whatever is read there,
 * however far behind the start, for a number (btf_struct_walk in kernel/bpf/verifier.c). One cast
 * then does for all members of a structure.
 */
export interface OpenBytes {
  readonly id: number
  /** Where the bytes start. */
  readonly offset: number
}

/**
 * How a program reads numbers at any kernel address with plain loads (kernel 6.2): it casts the
 * address to a structure of numbers, and a load through that is safe, as a fault gives zero. It
 * costs a fortieth of a probe read. Undefined if this kernel lacks the function.
 */
export function directRead({ btf, directReads, openReads }: ReadTarget): DirectRead | undefined {
  if (!directReads) return undefined
  const cast = btf.find('bpf_rdonly_cast', 'func')
  const numbers = btf.find('timespec64', 'struct')
  if (cast === undefined || numbers === undefined) return undefined
  return { cast, numbers, bytes: openReads ? openBytes(btf) : undefined }
}

/**
 * include/linux/bpf_local_storage.h and bpf-cgroup.h; each is there with what keeps storage for it.
 */
const endingInBytes = ['bpf_local_storage_data', 'bpf_storage_buffer']

function openBytes(btf: Btf): OpenBytes | undefined {
  for (const name of endingInBytes) {
    const id = btf.find(name, 'struct')
    const data = id === undefined ? undefined : btf.member(id, 'data')
    if (id !== undefined && data) return { id, offset: data.bitOffset / 8 }
  }
  return undefined
}

/**
 * A kernel address that numbers are loaded from at any distance, with one instruction each;
 * undefined where that is not possible.
 */
export function openAddress(builder: Builder, address: Virtual): Virtual | undefined {
  const { cast, bytes } = builder.directRead ?? {}
  if (cast === undefined || bytes === undefined) return undefined
  const start = builder.register()
  const b = { constant: bytes.offset }
  builder.emit({ op: 'alu', fn: 'sub', bits: 64, dst: start, a: address, b })
  const dst = builder.register()
  const args = [start, { constant: bytes.id }]
  builder.emit({ op: 'call', helper: cast, kfunc: true, args, dst, pure: true })
  return dst
}

/** Loads a number at a distance from an address made by `openAddress`. */
export function loadOpen(
  builder: Builder,
  { offset: start }: OpenBytes,
  base: Virtual,
  offset: number,
  size: 1 | 2 | 4 | 8,
): Virtual {
  const dst = builder.register()
  builder.emit({ op: 'load', dst, size, base, offset: start + offset })
  return dst
}

/** Loads a number at a kernel address. */
export function loadDirectly(
  builder: Builder,
  { cast, numbers }: DirectRead,
  address: Virtual,
  size: 1 | 2 | 4 | 8,
): Virtual {
  const base = builder.register()
  const args = [address, { constant: numbers }]
  builder.emit({ op: 'call', helper: cast, kfunc: true, args, dst: base, pure: true })
  const dst = builder.register()
  builder.emit({ op: 'load', dst, size, base, offset: 0 })
  return dst
}
