import type { Btf } from '../btf/index.ts'
import type { Builder } from './builder.ts'
import type { Virtual } from './codegen/ir.ts'

/** What reading kernel memory without a helper takes: two ids in the kernel's BTF. */
export interface DirectRead {
  /** The kernel function bpf_rdonly_cast, which becomes a single move: kernel/bpf/helpers.c. */
  readonly cast: number
  /** struct timespec64, two plain 64-bit numbers: whatever is read as a part of one is a number. */
  readonly numbers: number
}

/**
 * How a program reads numbers at any kernel address with plain loads (kernel 6.2): it casts the address
 * to a structure of numbers, and a load through that is safe, as a fault gives zero. It costs a
 * fortieth of a probe read. Undefined if this kernel lacks the function.
 */
export function directRead(btf: Btf): DirectRead | undefined {
  const cast = btf.find('bpf_rdonly_cast', 'func')
  const numbers = btf.find('timespec64', 'struct')
  return cast === undefined || numbers === undefined ? undefined : { cast, numbers }
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
