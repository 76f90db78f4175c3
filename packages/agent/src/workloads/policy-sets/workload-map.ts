import { OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { Fd } from '@tetragon-ts/ebpf/sys'
import { WorkloadEntry, workloadSetsMax, workloadTable } from '@tetragon-ts/sensors'

/** Bits of all sets for a control group. */
export class SetBits {
  readonly members = new Uint8Array(workloadSetsMax / 8)
  /** Also set for numbers that no set has: a new set is unknown until it is decided. */
  readonly unknown = new Uint8Array(workloadSetsMax / 8).fill(0xff)
  isOutside = false
  isInPod = false

  /** @returns whether a bit changed */
  set(number: number, selected: 'yes' | 'no' | 'unknown'): boolean {
    const isMember = writeBit(this.members, number, selected === 'yes')
    const isUnknown = writeBit(this.unknown, number, selected === 'unknown')
    return isMember || isUnknown
  }

  /** Whether one of these sets is unknown. @param sets a bit for each */
  hasUnknown(sets: Uint8Array): boolean {
    return sets.some((bits, at) => (bits & this.unknown[at]) !== 0)
  }

  /** Whether the group belongs to a set. */
  get(number: number): 'yes' | 'no' | 'unknown' {
    const [byte, bit] = [number >> 3, 1 << (number & 7)]
    if ((this.unknown[byte] & bit) !== 0) return 'unknown'
    return (this.members[byte] & bit) !== 0 ? 'yes' : 'no'
  }
}

/** Sets or clears a bit. @returns whether it changed */
export function writeBit(bits: Uint8Array, number: number, value: boolean): boolean {
  const [byte, bit] = [number >> 3, 1 << (number & 7)]
  if (((bits[byte] & bit) !== 0) === value) return false
  bits[byte] ^= bit
  return true
}

/** The table of workloads in the kernel. */
export interface WorkloadMap {
  /** @returns false if the group has no entry any more */
  write(cgroup: number, bits: SetBits): boolean
}

const at = {
  isOutside: WorkloadEntry.field('isOutside').offset,
  isInPod: WorkloadEntry.field('isInPod').offset,
  members: WorkloadEntry.field('members').offset,
  unknown: WorkloadEntry.field('unknown').offset,
}

/** Bytes are copied as they are. */
const entryCodec = {
  size: WorkloadEntry.size,
  encode(bits: SetBits, view: DataView, offset: number): void {
    const bytes = new Uint8Array(view.buffer, view.byteOffset + offset, WorkloadEntry.size)
    bytes.fill(0)
    view.setUint32(offset + at.isOutside, bits.isOutside ? 1 : 0, true)
    view.setUint32(offset + at.isInPod, bits.isInPod ? 1 : 0, true)
    bytes.set(bits.members, at.members)
    bytes.set(bits.unknown, at.unknown)
  },
  decode: () => new SetBits(),
}

/** @param fd descriptor of the table; the caller closes it */
export function openWorkloadMap(fd: number): WorkloadMap {
  const map = new OpenMap(workloadTable, new Fd(fd), workloadTable.key, entryCodec)
  return { write: (cgroup, bits) => map.update(BigInt(cgroup), bits, 'exist') }
}
