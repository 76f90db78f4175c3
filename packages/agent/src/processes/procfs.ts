import { readFileSync, readlinkSync } from 'node:fs'

/** Facts from /proc about a process that started before the agent. */
export interface RunningDetails {
  readonly cwd: Uint8Array
  readonly binary: Uint8Array
  /** As in /proc/PID/cmdline: each argument followed by a zero byte. */
  readonly args: Uint8Array
}

const empty = Buffer.alloc(0)

/** Reads a process's directory; missing and forbidden facts are empty. */
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

/** A process that has overwritten its arguments with a title leaves trailing zero bytes. */
function trimEnd(args: Uint8Array): Uint8Array {
  let end = args.length
  while (end > 0 && args[end - 1] === 0) end--
  return args.subarray(0, end)
}
