import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { isInProcfs, readStart } from '../../processes/procfs.ts'
import { mayWaitAt } from '../mapped-files/waiting-mounts.ts'
import { PerfMap } from './perf-map.ts'
import { SizedCache } from './sized-cache.ts'
import type { FoundSymbol, SymbolQuestion } from './symbol-question.ts'

/** Bytes at the end of a map that are read: the newest functions. */
const textMax = 1 << 24
/** Bytes of all maps that are kept, and of an empty one. */
const keptMax = 1 << 26
const bytesMin = 1 << 12
/** Milliseconds until a map is looked at again, and longer if reading it takes long. */
const freshMs = 500
const restFactor = 20

type ProcessStart = Pick<SymbolQuestion, 'pid' | 'start'>

interface Kept {
  readonly map: PerfMap | undefined
  readonly module: string
  readonly identity: string
  readonly size: number
  checkAt: number
}

/**
 * The maps that compilers of processes write: `/tmp/perf-PID.map` in the root folder of the
 * process, PID being that of its own namespace. Only maps of the user of the process, or of root,
 * are read.
 */
export class PerfMaps {
  readonly #procfs: string
  /** By pid and start of the process. */
  readonly #maps = new SizedCache<string, Kept>(keptMax)

  constructor(procfs: string) {
    this.#procfs = procfs
  }

  /** The function at an address of a process. */
  find(process: ProcessStart, address: number): FoundSymbol | undefined {
    const key = `${process.pid} ${process.start}`
    let kept = this.#maps.get(key)
    const before = performance.now()
    if (kept === undefined || before >= kept.checkAt) {
      kept = this.#read(process, kept)
      const took = performance.now() - before
      kept.checkAt = before + Math.max(freshMs, took * restFactor)
      this.#maps.set(key, kept, kept.size)
    }
    const found = kept.map?.find(address)
    return found && { ...found, module: kept.module }
  }

  #read(process: ProcessStart, kept: Kept | undefined): Kept {
    const { pid } = process
    let descriptor: number | undefined
    try {
      const name = `perf-${this.#ownPid(pid)}.map`
      descriptor = this.#open(pid, name)
      const stats = fstatSync(descriptor, { bigint: true })
      const { uid } = statSync(`${this.#procfs}/${pid}`)
      if (!stats.isFile() || (stats.uid !== BigInt(uid) && stats.uid !== 0n)) return none()
      const identity = `${stats.dev} ${stats.ino} ${stats.size} ${stats.ctimeNs}`
      // Checked after opening: the pid was not reused before then.
      if (!isInProcfs(this.#procfs, process)) return none()
      if (identity === kept?.identity) return kept
      const text = readEnd(descriptor, Number(stats.size))
      const size = bytesMin + text.length * 4
      return { map: new PerfMap(text), module: `/tmp/${name}`, identity, size, checkAt: 0 }
    } catch {
      return none()
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }

  /** The pid of a process in its own namespace. @throws if it has ended */
  #ownPid(pid: number): string {
    const lines = readStart(`${this.#procfs}/${pid}/status`, 1 << 14)
      .toString('latin1')
      .split('\n')
    const line = lines.find((each) => each.startsWith('NSpid:'))
    return line?.split('\t').at(-1) ?? `${pid}`
  }

  /** Links would lead to files outside of the root folder. @throws if there is none */
  #open(pid: number, name: string): number {
    if (mayWaitAt(this.#procfs, pid, `/tmp/${name}`)) throw new Error('FUSE')
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants
    const tmp = openSync(
      `${this.#procfs}/${pid}/root/tmp`,
      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK,
    )
    try {
      const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
      return openSync(`/proc/self/fd/${tmp}/${name}`, flags)
    } finally {
      closeSync(tmp)
    }
  }
}

function none(): Kept {
  return { map: undefined, module: '', identity: '', size: bytesMin, checkAt: 0 }
}

/** The last bytes of a file; a partial first line is not a function. */
function readEnd(descriptor: number, size: number): string {
  const bytes = Buffer.alloc(Math.min(size, textMax))
  const from = size - bytes.length
  let filled = 0
  while (filled < bytes.length) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, from + filled)
    if (count === 0) break
    filled += count
  }
  const start = from === 0 ? 0 : bytes.indexOf('\n') + 1
  return bytes.toString('utf8', start, filled)
}
