import type { Codec } from '../records/codec.ts'

/** One value for each CPU in a row, as the kernel hands over per-CPU maps: each at 8 bytes. */
export function perCpuCodec<V>(value: Codec<V>, cpus: number): Codec<V[]> {
  const stride = Math.ceil(value.size / 8) * 8
  return {
    size: stride * cpus,
    encode(values, view, offset) {
      if (values.length !== cpus) {
        throw new RangeError(`encode per-CPU value: ${values.length} values for ${cpus} CPUs`)
      }
      for (let cpu = 0; cpu < cpus; cpu++) value.encode(values[cpu], view, offset + cpu * stride)
    },
    decode(view, offset) {
      const values: V[] = new Array(cpus)
      for (let cpu = 0; cpu < cpus; cpu++) values[cpu] = value.decode(view, offset + cpu * stride)
      return values
    },
  }
}
