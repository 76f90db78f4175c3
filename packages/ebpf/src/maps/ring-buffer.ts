import { EbpfError } from '../errors/index.ts'
import { type MapSpec, nothing } from './spec.ts'

/** The kernel's pages are no smaller; where they are larger, sizes must be a multiple. */
const smallest = 4096

/** A ring buffer: its only reader is `RingBufferReader`. */
export interface RingBufferSpec extends MapSpec<undefined, undefined> {
  readonly type: 'ringBuffer'
}

/**
 * The way of records of any length from all CPUs to user space, in order. Kernel 5.8.
 * @param options.size bytes: a power of two and a multiple of the page size
 */
export function ringBuffer(name: string, { size }: { readonly size: number }): RingBufferSpec {
  const powerOfTwo = Number.isInteger(Math.log2(size))
  if (!powerOfTwo || size < smallest || size > 2 ** 31) {
    throw new EbpfError(
      'EBPF_MAP_SIZE',
      `declare ring buffer ${name}: ${size} bytes, must be a power of two from ${smallest} to 2 GiB`,
    )
  }
  return { name, type: 'ringBuffer', key: nothing, value: nothing, maxEntries: size, flags: 0 }
}
