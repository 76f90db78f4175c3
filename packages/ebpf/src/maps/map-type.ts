/** Types of maps: enum bpf_map_type in include/uapi/linux/bpf.h. */
export const mapType = {
  hash: 1,
  array: 2,
  progArray: 3,
  perfEventArray: 4,
  perCpuHash: 5,
  perCpuArray: 6,
  stackTrace: 7,
  cgroupArray: 8,
  lruHash: 9,
  lruPerCpuHash: 10,
  lpmTrie: 11,
  arrayOfMaps: 12,
  hashOfMaps: 13,
  ringBuffer: 27,
  inodeStorage: 28,
  taskStorage: 29,
  bloomFilter: 30,
  userRingBuffer: 31,
  cgroupStorage: 32,
  arena: 33,
} as const

export type MapTypeName = keyof typeof mapType

const names = new Map<number, MapTypeName>(
  Object.entries(mapType).map(([name, number]) => [number, name as MapTypeName]),
)

/** The name of a map type, `type 99` for one that the table lacks. */
export function mapTypeName(type: number): string {
  return names.get(type) ?? `type ${type}`
}

/** Flags of map creation: BPF_F_* in include/uapi/linux/bpf.h. */
export const mapFlag = {
  noPrealloc: 1 << 0,
  noCommonLru: 1 << 1,
  readOnly: 1 << 3,
  writeOnly: 1 << 4,
  readOnlyProgram: 1 << 7,
  writeOnlyProgram: 1 << 8,
  mmapable: 1 << 10,
  innerMap: 1 << 12,
} as const
