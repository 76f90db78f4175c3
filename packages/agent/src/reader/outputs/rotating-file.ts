import { constants, type Stats } from 'node:fs'
import { lstat, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { addCounts, eventClass, noCounts, sumOf } from '@tetragon-ts/outputs/queue'
import { openOwnFile } from '../../files/own-file.ts'
import { makeOwnFolder } from '../../files/own-folder.ts'
import { linesOf, runsAfter } from '../json/event-lines.ts'
import { backupName, compressedEnding } from './backup-name.ts'
import type { LineTarget } from './file-sink.ts'
import { mendLastLine } from './last-line.ts'
import type { LineRange } from './line-queue.ts'
import { close, fchmod, fchown, fstat, ftruncate, open, write, writev } from './pool.ts'
import type { Rotation } from './sink.ts'

const { O_CREAT, O_EXCL, O_WRONLY } = constants
const newline = 0x0a
/** Interval of checks whether the file was moved, in milliseconds. */
const lookInterval = 100
/** Delay after a failure to open or rename the file. */
const retryInterval = 100
const rotationRetryInterval = 10_000
/** Maximum interval between checks of an idle file. */
const restInterval = 10_000

/** Receives notifications about the file. */
export interface FileObserver {
  /** A full file was rotated. */
  rotated(): void
  /** A message for the operator. */
  warn(message: string): void
}

/**
 * A file of whole lines. When it is full it is renamed and a new one is created; backups are
 * compressed and removed elsewhere. Operations run one at a time: the caller awaits each method.
 *
 * It recovers from all failures of the disk or the file: unwritten lines are counted, and partial
 * lines are removed. A file that was moved or removed is created again.
 */
export class RotatingFile implements LineTarget {
  readonly #path: string
  readonly #mode: number
  readonly #observer: FileObserver
  #rotation: Rotation
  #fd = -1
  #identity: Stats | undefined
  #size = 0
  /** Lines written since the last check of the file, by class: lost if it was removed. */
  #unseen = noCounts()
  #lookAt = 0
  #openAt = 0
  #rotateAt = 0
  /** When the file was created, for the interval. */
  #begun = performance.now()
  /** Whether the file ends within a line that could not be removed. */
  #torn = false
  /** Whether the last write failed. */
  #failed = false
  writtenEvents = 0
  writtenBytes = 0
  readonly lostEvents = noCounts()

  /**
   * Opened by {@link open}, or by the first lines.
   * @param mode permissions of new files
   */
  constructor(path: string, mode: number, rotation: Rotation, observer: FileObserver) {
    this.#path = path
    this.#mode = mode
    this.#rotation = rotation
    this.#observer = observer
  }

  /** Applies new limits. */
  setRotation(rotation: Rotation): void {
    this.#rotation = rotation
  }

  async append(ranges: readonly LineRange[]): Promise<number> {
    const now = performance.now()
    if (now >= this.#lookAt) await this.#look(now)
    if (this.#isDue(now)) await this.#rotate(now)
    let written = await this.#writeTogether(ranges, now)
    let lost = 0
    for (const range of ranges) {
      const done = Math.min(written, range.to - range.from)
      written -= done
      lost += await this.#append(range, done, now)
    }
    return lost
  }

  /**
   * Writes ranges that fit into the file with one operation.
   * @returns number of bytes; those that are missing must be written range by range
   */
  async #writeTogether(ranges: readonly LineRange[], now: number): Promise<number> {
    if (ranges.length < 2 || this.#torn) return 0
    const size = ranges.reduce((sum, { from, to }) => sum + to - from, 0)
    if (size > this.#rotation.maxSize - this.#size || !(await this.#isOpen(now))) return 0
    const parts = ranges.map(({ bytes, from, to }) => bytes.subarray(from, to))
    try {
      return (await writev(this.#fd, parts)).bytesWritten
    } catch {
      // The next write reports the failure, if it persists.
      return 0
    }
  }

  /** @param done bytes of the range that are already written, @returns lines lost */
  async #append(range: LineRange, done: number, now: number): Promise<number> {
    const { bytes, from, to, runs } = range
    let at = from
    while (at < to && (await this.#isOpen(now))) {
      const end = done > 0 ? to : this.#endOfFitting(bytes, at, to, now)
      if (end === at) {
        await this.#rotate(now)
        continue
      }
      at = await this.#write(bytes, at, end, done)
      if (at < end) break
    }
    const lost = linesOf(runsAfter(runs, bytes, from, at))
    const written = linesOf(runs).map((lines, of) => lines - lost[of])
    addCounts(this.lostEvents, lost)
    addCounts(this.#unseen, written)
    this.writtenEvents += sumOf(written)
    this.writtenBytes += at - from
    if (this.#failed && at === to) this.#recovered()
    return sumOf(lost)
  }

  async tend(): Promise<number> {
    const now = performance.now()
    await this.#look(now)
    if ((await this.#isOpen(now)) && this.#isDue(now)) await this.#rotate(now)
    const { interval } = this.#rotation
    return interval === 0 ? restInterval : Math.min(restInterval, interval - (now - this.#begun))
  }

  close(): void {
    if (this.#fd >= 0) close(this.#fd).catch(() => {})
    this.#fd = -1
  }

  #isDue(now: number): boolean {
    const { interval } = this.#rotation
    return interval > 0 && now - this.#begun >= interval
  }

  /** End of the last whole line that fits into the file; `from` if a new file is needed. */
  #endOfFitting(bytes: Buffer, from: number, length: number, now: number): number {
    const room = this.#rotation.maxSize - this.#size
    if (length - from <= room || now < this.#rotateAt) return length
    const last = room > 0 ? bytes.lastIndexOf(newline, from + room - 1) : -1
    if (last >= from) return last + 1
    return this.#size > 0 ? from : bytes.indexOf(newline, from) + 1
  }

  /**
   * @param done bytes that are already written
   * @returns end of the last line that is completely in the file
   */
  async #write(bytes: Buffer, from: number, to: number, done: number): Promise<number> {
    let at = from + done
    try {
      if (this.#torn) await write(this.#fd, Buffer.from('\n'), 0, 1)
      this.#torn = false
      while (at < to) at += (await write(this.#fd, bytes, at, to - at)).bytesWritten
    } catch (error) {
      const written = at
      at = Math.max(from, written === 0 ? 0 : bytes.lastIndexOf(newline, written - 1) + 1)
      if (at < written) await this.#takeBack(written - at)
      this.#fail(error as NodeJS.ErrnoException)
    }
    this.#size += at - from
    return at
  }

  /** The written part of a line that did not fit. */
  async #takeBack(count: number): Promise<void> {
    try {
      await ftruncate(this.#fd, (await fstat(this.#fd)).size - count)
    } catch {
      this.#torn = true
    }
  }

  /** Rotates the file. If that fails, the file keeps growing, and nothing is lost. */
  async #rotate(now: number): Promise<void> {
    this.#begun = now
    if (this.#size === 0) return
    try {
      await rename(this.#path, await this.#freeName())
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') {
        await this.#look(now)
        return
      }
      if (this.#rotateAt === 0)
        this.#observer.warn(`rotate export file: ${message}; the file keeps growing`)
      this.#rotateAt = now + rotationRetryInterval
      return
    }
    this.#rotateAt = 0
    this.close()
    await this.#isOpen(now)
    this.#observer.rotated()
  }

  /** An unused name, in case two files are rotated in the same millisecond. */
  async #freeName(): Promise<string> {
    for (let time = Date.now(); ; time++) {
      const name = backupName(this.#path, new Date(time))
      if (!(await statOf(name)) && !(await statOf(name + compressedEnding))) return name
    }
  }

  /** Checks whether the path still leads to the open file. */
  async #look(now: number): Promise<void> {
    this.#lookAt = now + lookInterval
    if (this.#fd < 0) return
    const there = await statOf(this.#path)
    if (there?.ino === this.#identity?.ino && there?.dev === this.#identity?.dev) {
      this.#size = there?.size ?? 0
      this.#unseen = noCounts()
      return
    }
    // A file that was moved keeps its lines; a removed one does not.
    if (await isRemoved(this.#fd)) {
      addCounts(this.lostEvents, this.#unseen)
      this.writtenEvents -= sumOf(this.#unseen)
    }
    this.close()
    this.#openAt = 0
  }

  /** Opens the file, unless it is open or opening it failed a moment ago. */
  async #isOpen(now: number): Promise<boolean> {
    if (this.#fd >= 0) return true
    if (now < this.#openAt) return false
    try {
      await this.open()
      return true
    } catch (error) {
      this.#openAt = now + retryInterval
      this.#fail(error as NodeJS.ErrnoException)
      return false
    }
  }

  /** @throws AgentError AGENT_FILE, Error of the file system */
  async open(): Promise<void> {
    // If the file system does not respond, only this operation blocks, not the thread.
    await statOf(this.#path)
    makeOwnFolder(dirname(this.#path))
    const isNew = await this.#create()
    const { fd } = openOwnFile(this.#path, this.#mode)
    try {
      if (isNew) await this.#makeOurs(fd)
      // Of an earlier agent: its class is unknown.
      this.lostEvents[eventClass.hook] += await mendLastLine(fd)
      this.#identity = await fstat(fd)
    } catch (error) {
      await close(fd)
      throw error
    }
    this.#fd = fd
    this.#size = this.#identity.size
    this.#unseen = noCounts()
    this.#torn = false
  }

  /** @returns false if it already exists */
  async #create(): Promise<boolean> {
    try {
      await close(await open(this.#path, O_WRONLY | O_CREAT | O_EXCL, this.#mode))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }

  /** Gives a new file the configured permissions, and the owner of the previous one. */
  async #makeOurs(fd: number): Promise<void> {
    await fchmod(fd, this.#mode)
    const before = this.#identity
    if (before) await fchown(fd, before.uid, before.gid)
  }

  #fail({ code, message }: NodeJS.ErrnoException): void {
    // A full disk may have space again later. Other errors may be caused by the descriptor.
    if (code !== 'ENOSPC' && code !== 'EDQUOT') this.close()
    if (this.#failed) return
    this.#failed = true
    this.#observer.warn(`write events: ${message}; events are lost until writing succeeds`)
  }

  #recovered(): void {
    this.#failed = false
    this.#observer.warn(`write events: succeeded again, to ${this.#path}`)
  }
}

/** @returns false if the file system does not answer any more: it may have the lines */
async function isRemoved(fd: number): Promise<boolean> {
  return fstat(fd).then(
    ({ nlink }) => nlink === 0,
    (error: NodeJS.ErrnoException) => error.code === 'ESTALE',
  )
}

async function statOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined)
}
