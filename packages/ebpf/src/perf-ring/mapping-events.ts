import { type Fd, openPerfEvent, SystemCallError } from '../sys/index.ts'
import { type PerfRecord, PerfRingReader } from './reader.ts'

// include/uapi/linux/perf_event.h
const softwareType = 1
/** PERF_COUNT_SW_DUMMY: counts nothing, so it costs only its records. */
const dummy = 9
const sample = { tid: 1 << 1, time: 1 << 2 }
const flag = {
  mmap: 1n << 8n,
  comm: 1n << 9n,
  sampleIdAll: 1n << 18n,
  mmap2: 1n << 23n,
  commExec: 1n << 24n,
  useClockId: 1n << 25n,
  buildId: 1n << 34n,
}
const clockBootTime = 7
const recordType = { lost: 2, comm: 3, mmap2: 10 }
const misc = { commExec: 1 << 13, buildId: 1 << 14 }
/** The end of each record: pid and tid, then the time (struct sample_id). */
const sampleIdSize = 16
/** Offsets in a record of type MMAP2. */
const at = {
  pid: 8,
  tid: 12,
  address: 16,
  length: 24,
  device: 40,
  /** Records with a build id have it in place of the device and the inode. */
  buildIdSize: 40,
  buildId: 44,
  inode: 48,
  name: 72,
}
/** BUILD_ID_SIZE_MAX (include/linux/buildid.h). */
const buildIdMax = 20

/** A file is mapped to be executed, or a mapping of a file becomes executable. */
export interface Mapping {
  readonly pid: number
  readonly tid: number
  /** Nanoseconds since boot. */
  readonly time: bigint
  readonly address: bigint
  readonly length: bigint
  /**
   * As the process sees it, with ` (deleted)` after the name of a removed file. `//toolong`: it has
   * more than 4087 bytes. Memory without a file has another name, such as `//anon` or `[vdso]`.
   */
  readonly path: Uint8Array
  /** From the kernel: of the mapped file. */
  readonly buildId: Uint8Array | undefined
  /** Without a build id; undefined for memory without a file, and for `//toolong`. */
  readonly file: MappedFile | undefined
}

/** Identity of a file; of an overlay, it is that of the file in a layer or in the overlay. */
export interface MappedFile {
  readonly major: number
  readonly minor: number
  readonly inode: bigint
}

/** Receives what the ring has. */
export interface MappingObserver {
  mapped(mapping: Mapping): void
  /** A process has dropped its old image: what it maps from now on belongs to the new one. */
  executing(pid: number, time: bigint): void
  /** The ring was full. @param time of the record that follows */
  lost(count: number, time: bigint): void
}

/**
 * Executable mappings by all processes on a CPU, from the records that the kernel writes for
 * profilers (kernel/events/core.c, perf_event_mmap): of mmap, of execve, and of mprotect. Kernel
 * 4.1; build ids since 5.12, if the first page of the file is in memory. Needs CAP_PERFMON or
 * CAP_SYS_ADMIN.
 */
export class MappingEvents implements Disposable {
  readonly #event: Fd
  readonly #ring: PerfRingReader

  /**
   * @param size bytes of the ring: a power of two, at least a page
   * @throws SystemCallError: ENODEV if the CPU is offline
   */
  constructor(cpu: number, size: number) {
    this.#event = open(cpu)
    try {
      this.#ring = new PerfRingReader(this.#event, size)
    } catch (error) {
      this.#event.close()
      throw error
    }
  }

  /** Bytes that were not read yet. */
  get pending(): number {
    return this.#ring.pending
  }

  /**
   * Reads the records that are there, in the order of their times.
   * @param limit maximum number of records
   * @returns time of the last record, in nanoseconds since boot, if there may be more
   */
  read(observer: MappingObserver, limit?: number): bigint | undefined {
    let last = 0n
    const count = this.#ring.read((record) => {
      last = timeOf(record)
      if (record.type === recordType.mmap2) observer.mapped(mappingOf(record))
      else if (record.type === recordType.comm) readExec(record, observer)
      else if (record.type === recordType.lost) {
        observer.lost(Number(record.view.getBigUint64(16, true)), last)
      }
    }, limit)
    return count === limit ? last : undefined
  }

  close(): void {
    this.#ring.close()
    this.#event.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

function open(cpu: number): Fd {
  const action = `open perf event of mappings on CPU ${cpu}`
  const { mmap, mmap2, comm, commExec, sampleIdAll, useClockId, buildId } = flag
  const flags = mmap | mmap2 | comm | commExec | sampleIdAll | useClockId
  const event = {
    type: softwareType,
    config: dummy,
    cpu,
    clock: clockBootTime,
    sampleType: sample.tid | sample.time,
  }
  try {
    return openPerfEvent({ ...event, flags: flags | buildId }, action)
  } catch (error) {
    // Bits that the kernel does not have are EINVAL.
    if (!(error instanceof SystemCallError) || error.errno !== 'EINVAL') throw error
    return openPerfEvent({ ...event, flags }, action)
  }
}

function timeOf({ view, bytes }: PerfRecord): bigint {
  return view.getBigUint64(bytes.length - 8, true)
}

function readExec(record: PerfRecord, observer: MappingObserver): void {
  if ((record.misc & misc.commExec) === 0) return
  observer.executing(record.view.getUint32(at.pid, true), timeOf(record))
}

function mappingOf(record: PerfRecord): Mapping {
  const { view, bytes } = record
  const hasBuildId = (record.misc & misc.buildId) !== 0
  const name = bytes.subarray(at.name, bytes.length - sampleIdSize)
  const end = name.indexOf(0)
  return {
    pid: view.getUint32(at.pid, true),
    tid: view.getUint32(at.tid, true),
    time: timeOf(record),
    address: view.getBigUint64(at.address, true),
    length: view.getBigUint64(at.length, true),
    path: name.slice(0, end < 0 ? name.length : end),
    buildId: hasBuildId ? buildIdOf(bytes) : undefined,
    file: hasBuildId ? undefined : fileOf(view),
  }
}

/** The size is in front of the bytes, with padding in between. */
function buildIdOf(bytes: Uint8Array): Uint8Array {
  const size = Math.min(bytes[at.buildIdSize], buildIdMax)
  return bytes.slice(at.buildId, at.buildId + size)
}

function fileOf(view: DataView): MappedFile | undefined {
  const major = view.getUint32(at.device, true)
  const minor = view.getUint32(at.device + 4, true)
  const inode = view.getBigUint64(at.inode, true)
  return major === 0 && minor === 0 && inode === 0n ? undefined : { major, minor, inode }
}
