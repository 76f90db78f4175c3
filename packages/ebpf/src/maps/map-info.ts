import { readFileSync } from 'node:fs'
import {
  type Fd,
  heldObjects,
  objectById,
  objectIds,
  objectInfo,
  objectName,
} from '../sys/index.ts'
import { mapTypeName } from './map-type.ts'

const infoSize = 88

/** What the kernel says of a map: struct bpf_map_info in include/uapi/linux/bpf.h. */
export interface MapInfo {
  readonly id: number
  /** A name of `mapType`, or `type 99` for one it lacks. */
  readonly type: string
  readonly name: string
  readonly keySize: number
  /** Size of one value, one CPU's for per-CPU maps. */
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
}

/** @throws SystemCallError with the given action */
export function mapInfo(fd: Fd, action: string): MapInfo {
  return objectInfo(fd.number, infoSize, action, ({ view, bytes }) => ({
    id: view.getUint32(4, true),
    type: mapTypeName(view.getUint32(0, true)),
    name: objectName(bytes, 24),
    keySize: view.getUint32(8, true),
    valueSize: view.getUint32(12, true),
    maxEntries: view.getUint32(16, true),
    flags: view.getUint32(20, true),
  }))
}

/** A map of the system as {@link listMaps} shows it. */
export interface ListedMap {
  readonly id: number
  readonly name: string
  readonly type: string
}

/** All maps that the kernel holds, whoever made them. Needs CAP_SYS_ADMIN. */
export function listMaps(): ListedMap[] {
  const maps: ListedMap[] = []
  for (const id of objectIds('map')) {
    using fd = objectById('map', id)
    // Between the two calls the map may have gone.
    if (!fd) continue
    const { name, type } = mapInfo(fd, `ask for map ${id}`)
    maps.push({ id, name, type })
  }
  return maps
}

/** A map that this process holds. */
export interface HeldMap extends MapInfo {
  /** Bytes of kernel memory; see {@link mapMemory}. */
  readonly memoryBytes: number
}

/** All maps that this process holds, with what the kernel says of them. Needs CAP_SYS_ADMIN. */
export function heldMaps(): HeldMap[] {
  const maps: HeldMap[] = []
  for (const { id, memoryBytes } of heldObjects('map')) {
    using fd = objectById('map', id)
    if (fd) maps.push({ ...mapInfo(fd, `ask for map ${id}`), memoryBytes })
  }
  return maps
}

/**
 * Bytes of kernel memory that a map takes, as /proc shows it (`memlock`). Exact from 6.4 on; from
 * 5.11 to 6.3 the kernel gives an estimate, entries times size, which is 0 for ring buffers.
 * @returns undefined where the kernel says nothing
 */
export function mapMemory(fd: Fd): number | undefined {
  const text = readFileSync(`/proc/self/fdinfo/${fd.number}`, 'latin1')
  const found = /^memlock:\s*(\d+)/m.exec(text)
  return found ? Number(found[1]) : undefined
}
