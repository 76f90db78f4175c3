import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
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
 * Reads a process's directory; missing and forbidden facts are empty. The binary is empty if the
 * process has ended.
 * @param readArguments reads /proc/PID/cmdline, which a process that is not trusted can hold up
 */
export function readRunning(
  procfs: string,
  pid: number,
  readArguments?: () => Uint8Array,
): RunningDetails {
  const at = liveFolder(procfs, pid)
  const args = readArguments?.() ?? attempt(() => readFileSync(`${at}/cmdline`))
  const cwd = attempt(() => readlinkSync(`${at}/cwd`, { encoding: 'buffer' }))
  return { args: trimEnd(args), cwd, binary: linkedExecutable(at) }
}

/** The path of a process's executable; empty if it cannot be read. */
export function readExecutable(procfs: string, pid: number): Uint8Array {
  return linkedExecutable(liveFolder(procfs, pid))
}

/**
 * The folder with the facts of a process: that of its first live thread. If the main thread has
 * ended, which any program can do, links and command line in /proc/PID are gone. All other threads
 * in its list are alive.
 */
export function liveFolder(procfs: string, pid: number): string {
  const folder = `${procfs}/${pid}`
  if (linkedExecutable(folder).length > 0) return folder
  try {
    const thread = readdirSync(`${folder}/task`).find((name) => name !== String(pid))
    return thread === undefined ? folder : `${folder}/task/${thread}`
  } catch {
    return folder
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
