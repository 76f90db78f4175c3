import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  renameSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { openOwnFile } from '../../files/own-file.ts'
import { makeOwnFolder } from '../../files/own-folder.ts'
import { backupName, compressedEnding } from './backup-name.ts'
import { mendLastLine } from './last-line.ts'
import { countLines, type Sink } from './sink.ts'

const newline = 0x0a
/** How often it is looked whether the file is still where it was, in milliseconds. */
const lookInterval = 100
/** After a failure to open or to rename the file it is left at that for so long. */
const retryInterval = 100
const rotationRetryInterval = 10_000
/** How long nothing may be written until the file is looked at all the same. */
const restInterval = 10_000

/** When a file is put aside and a new one begun. */
export interface Rotation {
  /** Bytes that a file has at most, unless a single line is longer. */
  readonly maxSize: number
  /** Milliseconds; 0: only by size. */
  readonly interval: number
}

/** Who hears of what happens to the file. */
export interface FileObserver {
  /** A full file was put aside. */
  rotated(): void
  /** Something that the operator should know. */
  warn(message: string): void
}

/**
 * A file of whole lines. When it is full it is renamed and a new one begun, which is all that the
 * reader's thread waits for: backups are compressed and removed elsewhere.
 *
 * Whatever happens to the disk or the file ends by itself: what cannot be written is counted, and
 * never leaves a part of a line behind. A file that was moved or removed is begun anew.
 */
export class RotatingFile implements Sink {
  readonly #path: string
  readonly #mode: number
  readonly #observer: FileObserver
  #rotation: Rotation
  #fd = -1
  #identity: Stats | undefined
  #size = 0
  /** Lines written since the file was seen last: they are gone if it was removed. */
  #unseenLines = 0
  #lookAt = 0
  #openAt = 0
  #rotateAt = 0
  /** When the file was begun, for the interval. */
  #begun = performance.now()
  /** Whether the file ends inside of a line that could not be taken back. */
  #torn = false
  /** Whether the last lines could not be written. */
  #failed = false
  writtenEvents = 0
  writtenBytes = 0
  lostEvents = 0

  /**
   * @param mode permissions of files that it makes
   * @throws AgentError AGENT_FILE, Error of the file system, when the file cannot be opened now
   */
  constructor(path: string, mode: number, rotation: Rotation, observer: FileObserver) {
    this.#path = path
    this.#mode = mode
    this.#rotation = rotation
    this.#observer = observer
    this.#open()
  }

  /** Takes other limits from now on. */
  setRotation(rotation: Rotation): void {
    this.#rotation = rotation
  }

  write(bytes: Buffer, length: number, lines: number): void {
    const now = performance.now()
    if (now >= this.#lookAt) this.#look(now)
    if (this.#isDue(now)) this.#rotate(now)
    let at = 0
    while (at < length && this.#isOpen(now)) {
      const to = this.#endOfFitting(bytes, at, length, now)
      if (to === at) {
        this.#rotate(now)
        continue
      }
      at = this.#append(bytes, at, to)
      if (at < to) break
    }
    const lost = at === 0 ? lines : countLines(bytes, at, length)
    this.lostEvents += lost
    this.writtenEvents += lines - lost
    this.writtenBytes += at
    this.#unseenLines += lines - lost
    if (this.#failed && lost === 0) this.#recovered()
  }

  rest(): number {
    const now = performance.now()
    this.#look(now)
    if (this.#isOpen(now) && this.#isDue(now)) this.#rotate(now)
    const { interval } = this.#rotation
    return interval === 0 ? restInterval : Math.min(restInterval, this.#begun + interval - now)
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  #isDue(now: number): boolean {
    const { interval } = this.#rotation
    return interval > 0 && now - this.#begun >= interval
  }

  /** Where the last whole line that the file has room for ends; `from` if a new file is needed. */
  #endOfFitting(bytes: Buffer, from: number, length: number, now: number): number {
    const room = this.#rotation.maxSize - this.#size
    if (length - from <= room || now < this.#rotateAt) return length
    const last = room > 0 ? bytes.lastIndexOf(newline, from + room - 1) : -1
    if (last >= from) return last + 1
    return this.#size > 0 ? from : bytes.indexOf(newline, from) + 1
  }

  /** @returns where the last line that is in the file as a whole ends */
  #append(bytes: Buffer, from: number, to: number): number {
    let at = from
    try {
      if (this.#torn) writeSync(this.#fd, '\n')
      this.#torn = false
      while (at < to) at += writeSync(this.#fd, bytes, at, to - at)
    } catch (error) {
      const written = at
      at = Math.max(from, written === 0 ? 0 : bytes.lastIndexOf(newline, written - 1) + 1)
      if (at < written) this.#takeBack(written - at)
      this.#fail(error as NodeJS.ErrnoException)
    }
    this.#size += at - from
    return at
  }

  /** The beginning of a line whose rest found no room. */
  #takeBack(count: number): void {
    try {
      ftruncateSync(this.#fd, fstatSync(this.#fd).size - count)
    } catch {
      this.#torn = true
    }
  }

  /** Puts the file aside. Where that is not possible it grows on: nothing is lost for that. */
  #rotate(now: number): void {
    this.#begun = now
    if (this.#size === 0) return
    try {
      renameSync(this.#path, this.#freeName())
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') {
        this.#look(now)
        return
      }
      if (this.#rotateAt === 0) this.#observer.warn(`rotate events: ${message}: the file grows on`)
      this.#rotateAt = now + rotationRetryInterval
      return
    }
    this.#rotateAt = 0
    this.close()
    this.#isOpen(now)
    this.#observer.rotated()
  }

  /** A name that no file has, should two be put aside in the same millisecond. */
  #freeName(): string {
    for (let time = Date.now(); ; time++) {
      const name = backupName(this.#path, new Date(time))
      if (!statOf(name) && !statOf(name + compressedEnding)) return name
    }
  }

  /** Sees whether the path still leads to the file that is written. */
  #look(now: number): void {
    this.#lookAt = now + lookInterval
    if (this.#fd < 0) return
    const there = statOf(this.#path)
    if (there?.ino === this.#identity?.ino && there?.dev === this.#identity?.dev) {
      this.#size = there?.size ?? 0
      this.#unseenLines = 0
      return
    }
    // A file that was moved keeps its lines; one that was removed does not.
    if (fstatSync(this.#fd).nlink === 0) {
      this.lostEvents += this.#unseenLines
      this.writtenEvents -= this.#unseenLines
    }
    this.close()
    this.#openAt = 0
  }

  /** Opens the file if it is not, and did not refuse that just now. */
  #isOpen(now: number): boolean {
    if (this.#fd >= 0) return true
    if (now < this.#openAt) return false
    try {
      this.#open()
      return true
    } catch (error) {
      this.#openAt = now + retryInterval
      this.#fail(error as NodeJS.ErrnoException)
      return false
    }
  }

  #open(): void {
    makeOwnFolder(dirname(this.#path))
    const { fd, isNew } = openOwnFile(this.#path, this.#mode)
    try {
      if (isNew) this.#makeOurs(fd)
      this.lostEvents += mendLastLine(fd)
      this.#identity = fstatSync(fd)
    } catch (error) {
      closeSync(fd)
      throw error
    }
    this.#fd = fd
    this.#size = this.#identity.size
    this.#unseenLines = 0
    this.#torn = false
  }

  /** Gives a new file the permissions that were asked for, and the owner of the one before. */
  #makeOurs(fd: number): void {
    fchmodSync(fd, this.#mode)
    const before = this.#identity
    if (before) fchownSync(fd, before.uid, before.gid)
  }

  #fail({ code, message }: NodeJS.ErrnoException): void {
    // A full disk has room again some day. Whatever else went wrong may be wrong with the descriptor.
    if (code !== 'ENOSPC' && code !== 'EDQUOT') this.close()
    if (this.#failed) return
    this.#failed = true
    this.#observer.warn(`write events: ${message}: they are lost until that works again`)
  }

  #recovered(): void {
    this.#failed = false
    this.#observer.warn(`events are written to ${this.#path} again`)
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
