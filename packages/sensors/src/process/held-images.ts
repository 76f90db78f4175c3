import type { Bytes, Code, Condition, Input, Int } from '@tetragon-ts/ebpf/lang'
import type { RecordValue } from '@tetragon-ts/ebpf/records'
import {
  backlog,
  events,
  filtering,
  filterMode,
  forkBuffer,
  heldExecs,
  heldForksOf,
  processTable,
} from '../kernel/maps.ts'
import { HeldExec, heldExecMax, heldImages, type ProcessRecords } from '../records/process.ts'
import { countLostHeld, reportBacklog } from './held-records.ts'

// Records of images that nothing refers to are in hash tables while their process lives, and the
// reader has no work with them. It takes the images of a process that an event names. Once images
// of a process have left the tables, all of its further records go to the backlog.

const lookUpEntry = (k: Code, pid: Int) => k.lookup(processTable, pid)
type Entry = ReturnType<typeof lookUpEntry>
type ForkFields = Input<RecordValue<ProcessRecords['ForkRecord']['shape']>>

/** Whether images are kept now. */
export function keepsImages(k: Code): Condition {
  return k.global(filtering).load(4).eq(filterMode.keep)
}

/** The value of `postedBefore` of a new process. */
export function postedBefore(k: Code): Int {
  return k.produced(events).low32()
}

/**
 * Whether no unread record can name an image that no child has: none has been posted since the
 * fork of its process, or all have been read.
 */
function isUnnamed(k: Code, before: Int): Condition {
  const isQuiet = () => postedBefore(k).eq(before)
  return keepsImages(k).and(() => isQuiet().or(() => k.unconsumed(events).eq(0)))
}

/**
 * Keeps the fork of a process.
 * @param memory created by `entryScratch`
 * @returns the images that are kept: bits of `heldImages`
 */
export function keepFork(
  k: Code,
  records: ProcessRecords,
  memory: Bytes,
  pid: Int,
  fields: ForkFields,
): Int {
  const record = k.recordAt(memory.at(forkBuffer.offset), records.ForkRecord, fields)
  const result = k.update(heldForksOf(records), pid, record)
  return k.select(result.eq(0), heldImages.fork, 0)
}

/**
 * Keeps the exec of a process whose fork is kept.
 * @param memory starts with the record
 * @returns not 0 if it is kept
 */
export function keepExec(k: Code, entry: Entry, pid: Int, memory: Bytes, size: Int): Int {
  const isKept = k.variable(0)
  k.when(entry.heldImages.eq(heldImages.fork).and(size.le(heldExecMax)), () => {
    const value = k.view(memory, HeldExec)
    k.assign(value, { length: size })
    k.when(k.update(heldExecs, pid, value).eq(0), () => {
      k.assign(entry, { heldImages: heldImages.fork | heldImages.exec })
      isKept.set(1)
    })
  })
  return isKept
}

/** Drops images of a process. @returns 0 if all were here, else the reader has taken one */
export function dropImages(k: Code, records: ProcessRecords, pid: Int, images: Int): Int {
  const missing = k.variable(0)
  const drop = (bit: number, map: typeof heldExecs | ReturnType<typeof heldForksOf>): void =>
    k.when(images.has(bit), () => missing.set(missing.or(k.remove(map as typeof heldExecs, pid))))
  drop(heldImages.fork, heldForksOf(records))
  drop(heldImages.exec, heldExecs)
  return missing
}

/** Moves images of a process to the backlog: a record refers to them. */
export function passOnImages(k: Code, records: ProcessRecords, pid: Int, images: Int): void {
  k.when(images.has(heldImages.fork), () => {
    const map = heldForksOf(records)
    const fork = k.lookup(map, pid)
    k.when(fork, () => {
      const result = k.call('ringbuf_output', backlog, fork, records.ForkRecord.size, 0)
      k.when(result.ne(0), () => countLostHeld(k))
      k.remove(map, pid)
    })
  })
  k.when(images.has(heldImages.exec), () => {
    const exec = k.lookup(heldExecs, pid)
    k.when(exec, () => {
      // The mask is for the verifier.
      const size = exec.length.and(heldExecMax | 7)
      const result = k.call('ringbuf_output', backlog, exec, size, 0)
      k.when(result.ne(0), () => countLostHeld(k))
      k.remove(heldExecs, pid)
    })
  })
  reportBacklog(k)
}

/** The process has a child. */
export function passOnParent(k: Code, records: ProcessRecords, entry: Entry, pid: Int): void {
  k.when(entry.heldImages.ne(0), () => {
    passOnImages(k, records, pid, entry.heldImages)
    k.assign(entry, { heldImages: 0 })
  })
}

/**
 * The latest image of the process is another one, which is not kept. A program that was executed
 * is its parent.
 */
export function replaceImages(k: Code, records: ProcessRecords, entry: Entry, pid: Int): void {
  const { heldImages: images } = entry
  k.when(images.ne(0), () => {
    k.when(
      images.eq(heldImages.fork).and(() => isUnnamed(k, entry.postedBefore)),
      () => dropImages(k, records, pid, images),
      () => passOnImages(k, records, pid, images),
    )
    k.assign(entry, { heldImages: 0 })
  })
}

/**
 * A process whose exit is not posted has ended. Ends the program if the reader has never known it.
 * @param images bits of `heldImages`
 * @param before `postedBefore`
 */
export function endImages(
  k: Code,
  records: ProcessRecords,
  pid: Int,
  images: Int,
  before: Int,
): void {
  k.when(
    isUnnamed(k, before),
    () => k.when(dropImages(k, records, pid, images).eq(0), k.exit),
    () => passOnImages(k, records, pid, images),
  )
}
