import { readFileSync } from 'node:fs'
import { mapTypeName } from '../maps/map-type.ts'
import {
  describeAll,
  describeHeld,
  type Fd,
  type HeldObject,
  objectInfo,
  objectMemory,
  objectName,
} from '../sys/index.ts'

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

/**
 * All maps that the kernel holds, regardless of their creator. Needs CAP_SYS_ADMIN.
 * @throws SystemCallError
 */
export function listMaps(): MapInfo[] {
  return describeAll('map', mapInfo)
}

/** A map that this process holds. */
export type HeldMap = MapInfo & HeldObject

/** All maps that this process holds. Needs CAP_SYS_ADMIN. @throws SystemCallError */
export function heldMaps(): HeldMap[] {
  return describeHeld('map', mapInfo)
}

/** Bytes of kernel memory that a map takes, see `objectMemory`. */
export function mapMemory(fd: Fd): number | undefined {
  return objectMemory(readFileSync(`/proc/self/fdinfo/${fd.number}`, 'latin1'))
}
