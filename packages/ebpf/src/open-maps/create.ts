import { BtfBuilder } from '../btf/index.ts'
import { mapType } from '../maps/map-type.ts'
import { perCpuCodec } from '../maps/per-cpu.ts'
import { isPerCpu, type MapSpec, type PerCpuMapSpec } from '../maps/spec.ts'
import { loadBtf } from '../programs/btf-object.ts'
import type { Codec } from '../records/codec.ts'
import { bpf, bpfCommand, Fd, possibleCpus, withLockedMemory } from '../sys/index.ts'
import { entryCount } from './entry-count.ts'
import { OpenMap } from './open-map.ts'

/**
 * Makes a declared map real, with its content.
 * @throws SystemCallError, `create map connections: ENOMEM (out of memory)`
 */
export function createMap<K, V>(spec: PerCpuMapSpec<K, V>): OpenMap<K, V[]>
export function createMap<K, V>(spec: MapSpec<K, V>): OpenMap<K, V>
export function createMap(spec: MapSpec): OpenMap<unknown, unknown> {
  const map = open(spec, createWithTypes(spec))
  try {
    if (spec.content) map.updateAll(spec.content)
  } catch (error) {
    map.close()
    throw error
  }
  return map
}

/**
 * Opens a map that was pinned in a bpf file system.
 * @throws Error when the map there is not like the declaration
 */
export function openPinnedMap<K, V>(spec: PerCpuMapSpec<K, V>, path: string): OpenMap<K, V[]>
export function openPinnedMap<K, V>(spec: MapSpec<K, V>, path: string): OpenMap<K, V>
export function openPinnedMap(spec: MapSpec, path: string): OpenMap<unknown, unknown> {
  const action = `open pinned map ${path}`
  const fd = bpf(bpfCommand.objGet, (attr) => attr.string(0, path), action)
  const map = open(spec, new Fd(fd))
  const { type, keySize, valueSize, maxEntries } = map.info()
  const found = `${type}, key ${keySize}, value ${valueSize}, ${maxEntries} entries`
  const { key, value } = spec
  const wanted = `${spec.type}, key ${key.size}, value ${value.size}, ${entryCount(spec)} entries`
  if (found === wanted) return map
  map.close()
  throw new Error(`${action}: it is ${found}; wanted is ${wanted}`)
}

function open(spec: MapSpec, fd: Fd): OpenMap<unknown, unknown> {
  const value: Codec<unknown> = isPerCpu(spec)
    ? perCpuCodec(spec.value, possibleCpus())
    : spec.value
  return new OpenMap(spec, fd, spec.key, value)
}

/** What a map needs beside its sizes: an example of its inner maps, or types of key and value. */
function createWithTypes(spec: MapSpec): Fd {
  if (spec.inner) {
    using inner = createMap(spec.inner)
    return createFd(spec, inner.fd.number)
  }
  if (spec.type === 'taskStorage' || spec.type === 'cgroupStorage') {
    const { blob, key, value } = storageTypes(spec.value.size)
    using btf = loadBtf(blob)
    return createFd(spec, 0, { fd: btf.number, key, value })
  }
  return createFd(spec)
}

/**
 * Local storage is only made with type information: the key an int of 32 bits, the value anything
 * of the right size (kernel/bpf/bpf_local_storage.c, bpf_local_storage_map_alloc_check).
 */
function storageTypes(size: number): { blob: Uint8Array; key: number; value: number } {
  const builder = new BtfBuilder()
  const key = builder.int('int', 4, { signed: true })
  const byte = builder.int('unsigned char', 1)
  const bytes = builder.array(byte, key, size)
  const value = builder.struct('value', size, [{ name: 'bytes', typeId: bytes, bitOffset: 0 }])
  return { blob: builder.bytes(), key, value }
}

interface Types {
  readonly fd: number
  readonly key: number
  readonly value: number
}

function createFd(spec: MapSpec, innerFd = 0, types?: Types): Fd {
  return withLockedMemory(() =>
    bpf(
      bpfCommand.mapCreate,
      (attr) => {
        attr.u32(0, mapType[spec.type]).u32(4, spec.key.size).u32(8, spec.value.size)
        attr.u32(12, entryCount(spec)).u32(16, spec.flags).u32(20, innerFd).name(28, spec.name)
        if (types) attr.u32(48, types.fd).u32(52, types.key).u32(56, types.value)
      },
      () => `create map ${spec.name}`,
      (fd) => new Fd(fd),
    ),
  )
}
