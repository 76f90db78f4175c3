import { closeSync, opendirSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import type { Process } from './process.ts'

/** Nanoseconds per clock tick in /proc: USER_HZ is 100 on all supported architectures. */
const tick = 1e7

/** Facts from /proc about a process that started before the agent. */
export interface RunningDetails {
  readonly cwd: Uint8Array
  readonly binary: Uint8Array
  /** As in /proc/PID/cmdline: each argument followed by a zero byte. */
  readonly args: Uint8Array
}

const empty = Buffer.alloc(0)

/**
 * Reads a process's directory; missing and forbidden facts are empty.
 * @param readArguments reads /proc/PID/cmdline, which a process that is not trusted can hold up
 */
export function readRunning(
  procfs: string,
  pid: number,
  readArguments?: () => Uint8Array,
): RunningDetails {
  const { folder: at, executable } = liveTask(procfs, pid)
  const args = readArguments?.() ?? attempt(() => readFileSync(`${at}/cmdline`))
  const cwd = attempt(() => readlinkSync(`${at}/cwd`, { encoding: 'buffer' }))
  return { args: trimEnd(args), cwd, binary: executable }
}

/** The path of a process's executable; empty if it cannot be read. */
export function readExecutable(procfs: string, pid: number): Uint8Array {
  return liveTask(procfs, pid).executable
}

/** Where the facts of a process are. */
interface LiveTask {
  readonly folder: string
  /** Empty if the process has ended, or its executable cannot be read. */
  readonly executable: Uint8Array
}

/** Threads that are tried: each may end before it is read. */
const threadsTried = 8

/**
 * The folder with the facts of a process: that of its first live thread. If the main thread has
 * ended, which any program can do, links and command line in /proc/PID are gone. All other threads
 * in its list are alive when it is read.
 */
export function liveTask(procfs: string, pid: number): LiveTask {
  const main = `${procfs}/${pid}`
  const executable = linkedExecutable(main)
  if (executable.length > 0) return { folder: main, executable }
  for (let i = 0; i < threadsTried; i++) {
    const thread = otherThread(main, String(pid))
    if (thread === undefined) break
    const folder = `${main}/task/${thread}`
    const ofThread = linkedExecutable(folder)
    if (ofThread.length > 0) return { folder, executable: ofThread }
  }
  return { folder: main, executable: empty }
}

/** The first thread besides the main one. Others are not listed: there may be many thousands. */
function otherThread(main: string, pid: string): string | undefined {
  try {
    const tasks = opendirSync(`${main}/task`, { bufferSize: 2 })
    try {
      const first = tasks.readSync()?.name
      return first === pid ? tasks.readSync()?.name : first
    } finally {
      tasks.closeSync()
    }
  } catch {
    return undefined
  }
}

function linkedExecutable(folder: string): Uint8Array {
  return attempt(() => readlinkSync(`${folder}/exe`, { encoding: 'buffer' }))
}

function attempt(read: () => Buffer): Uint8Array {
  try {
    return read()
  } catch {
    return empty
  }
}

/** A process that has overwritten its arguments with a title leaves trailing zero bytes. */
function trimEnd(args: Uint8Array): Uint8Array {
  let end = args.length
  while (end > 0 && args[end - 1] === 0) end--
  return args.subarray(0, end)
}

/** Whether /proc/PID/stat is of this process, and some of its threads still live. */
export function isInProcfs(
  procfs: string,
  { pid, start }: Pick<Process, 'pid' | 'start'>,
): boolean {
  let stat: string
  try {
    stat = readFileSync(`${procfs}/${pid}/stat`, 'latin1')
  } catch {
    return false
  }
  // After the name in parentheses: state is field 3, num_threads 20, starttime 22 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, threads, ticks] = [fields[0], Number(fields[17]), Number(fields[19])]
  const hasEnded = (state === 'Z' || state === 'X') && threads <= 1
  return !hasEnded && Math.abs(ticks - Math.floor(start / tick)) <= 1
}

/**
 * The start of a file in /proc.
 * @param bytes where to stop: up to 32 KiB more are returned
 * @throws if it cannot be read
 */
export function readStart(path: string, bytes: number): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    const pieces: Buffer[] = []
    // The kernel returns about a page at a time.
    const piece = Buffer.allocUnsafe(1 << 15)
    for (let length = 0; length < bytes; ) {
      const count = readSync(descriptor, piece)
      if (count === 0) break
      pieces.push(Buffer.from(piece.subarray(0, count)))
      length += count
    }
    return Buffer.concat(pieces)
  } finally {
    closeSync(descriptor)
  }
}
