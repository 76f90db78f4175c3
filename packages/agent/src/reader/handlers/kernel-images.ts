import { hashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { type Codec, u32 } from '@tetragon-ts/ebpf/records'
import { Fd } from '@tetragon-ts/ebpf/sys'
import { HeldExec, heldExecs, heldForksOf, type ProcessRecords } from '@tetragon-ts/sensors'
import type { HeldDescriptors } from '@tetragon-ts/sensors/process'

/**
 * Records of images that are kept in the kernel, since nothing refers to them. A taken record is
 * not there any more: further records of the process are in the ring, also that of its exit.
 */
export interface KernelImages {
  /** Takes the records of a process, oldest first. */
  take(pid: number): readonly Uint8Array[]
  /** Takes all records; those of one process are in order. */
  takeAll(): readonly Uint8Array[]
}

/** Opens the images, whose records are known later than their maps. */
export type OpenImages = (records: ProcessRecords) => KernelImages

const bytesOf = (view: DataView, offset: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + offset, length).slice()

const lengthAt = HeldExec.field('length').offset

/** @param maps the caller closes them */
export function kernelImages(
  { forksFd, execsFd }: Omit<HeldDescriptors, 'ringFd'>,
  records: ProcessRecords,
): KernelImages {
  const { size } = records.ForkRecord
  const open = (
    { name, maxEntries }: Pick<MapSpec, 'name' | 'maxEntries'>,
    fd: number,
    value: Codec<Uint8Array>,
  ) => new OpenMap(hashMap(name, { key: u32, value, maxEntries }), new Fd(fd), u32, value)
  const encode = (): void => {}
  const forks = open(heldForksOf(records), forksFd, {
    size,
    encode,
    decode: (view, offset) => bytesOf(view, offset, size),
  })
  const execs = open(heldExecs, execsFd, {
    size: HeldExec.size,
    encode,
    decode: (view, offset) => bytesOf(view, offset, view.getUint32(offset + lengthAt, true)),
  })
  const maps = [forks, execs]
  return {
    take: (pid) => maps.flatMap((map) => map.lookupAndDelete(pid) ?? []),
    takeAll: () => maps.flatMap((map) => map.drain().map(([, record]) => record)),
  }
}
