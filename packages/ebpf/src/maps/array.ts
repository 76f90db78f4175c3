import type { Codec } from '../records/codec.ts'
import { u32 } from '../records/index.ts'
import { mapFlag } from './map-type.ts'
import type { MapSpec, PerCpuMapSpec } from './spec.ts'

export interface ArrayOptions<V> {
  readonly value: Codec<V>
  /** 1 when absent: a set of global variables. */
  readonly maxEntries?: number
  /** See `MapSpec`. */
  readonly entriesPerCpu?: number
  /** User space can map the values into its memory. Kernel 5.5. */
  readonly mmapable?: boolean
  /** Programs only read it; once frozen the verifier takes its values for constants. */
  readonly readOnlyProgram?: boolean
}

/** Values by index, all there from the beginning and zero; they cannot be deleted. */
export function array<V>(name: string, options: ArrayOptions<V>): MapSpec<number, V> {
  const { value, maxEntries = 1, entriesPerCpu = 0, mmapable, readOnlyProgram } = options
  const flags = (mmapable ? mapFlag.mmapable : 0) | (readOnlyProgram ? mapFlag.readOnlyProgram : 0)
  return { name, type: 'array', key: u32, value, maxEntries, entriesPerCpu, flags }
}

/** Values by index, one per CPU: counters that no two CPUs write at once. */
export function perCpuArray<V>(
  name: string,
  { value, maxEntries = 1 }: { readonly value: Codec<V>; readonly maxEntries?: number },
): PerCpuMapSpec<number, V> {
  return { name, type: 'perCpuArray', key: u32, value, maxEntries, flags: 0, perCpu: true }
}

/** Programs by index for bpf_tail_call. User space stores descriptors and reads ids. */
export function progArray(
  name: string,
  { maxEntries }: { readonly maxEntries: number },
): MapSpec<number, number> {
  return { name, type: 'progArray', key: u32, value: u32, maxEntries, flags: 0 }
}

/** The addresses of a stack, innermost first, up to the first zero. */
function stackCodec(depth: number): Codec<readonly bigint[]> {
  return {
    size: 8 * depth,
    encode(addresses, view, offset) {
      for (let i = 0; i < depth; i++) view.setBigUint64(offset + 8 * i, addresses[i] ?? 0n, true)
    },
    decode(view, offset) {
      const addresses: bigint[] = []
      for (let i = 0; i < depth; i++) {
        const address = view.getBigUint64(offset + 8 * i, true)
        if (address === 0n) break
        addresses.push(address)
      }
      return addresses
    },
  }
}

/** Stack traces by the id that bpf_get_stackid returns. At most 127 frames. */
export function stackTrace(
  name: string,
  { maxEntries, depth = 127 }: { readonly maxEntries: number; readonly depth?: number },
): MapSpec<number, readonly bigint[]> {
  return { name, type: 'stackTrace', key: u32, value: stackCodec(depth), maxEntries, flags: 0 }
}
