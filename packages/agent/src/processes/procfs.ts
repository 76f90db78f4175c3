import { readFileSync, readlinkSync } from 'node:fs'

/** What /proc knows of a process that was there before us. */
export interface RunningDetails {
  readonly cwd: Uint8Array
  readonly binary: Uint8Array
  /** As in /proc/PID/cmdline: each argument followed by a zero byte. */
  readonly args: Uint8Array
}

const empty = Buffer.alloc(0)

/** Reads a process's directory; what is gone or forbidden is empty. */
export function readRunning(procfs: string, pid: number): RunningDetails {
  const at = `${procfs}/${pid}`
  const args = trimEnd(attempt(() => readFileSync(`${at}/cmdline`)))
  const cwd = attempt(() => readlinkSync(`${at}/cwd`, { encoding: 'buffer' }))
  const binary = attempt(() => readlinkSync(`${at}/exe`, { encoding: 'buffer' }))
  return { args, cwd, binary }
}

function attempt(read: () => Buffer): Uint8Array {
  try {
    return read()
  } catch {
    return empty
  }
}

/** A process that has overwritten its arguments with a title leaves zero bytes behind it. */
function trimEnd(args: Uint8Array): Uint8Array {
  let end = args.length
  while (end > 0 && args[end - 1] === 0) end--
  return args.subarray(0, end)
}
