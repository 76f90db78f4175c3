import { existsSync, readFileSync } from 'node:fs'
import { EbpfError } from '../errors/index.ts'
import { type Fd, findMount, openFileSystem } from '../sys/index.ts'

const usual = '/sys/kernel/tracing'
// Reading below it mounts tracefs there by itself, so /proc/self/mounts need not show it yet.
const belowDebugfs = '/sys/kernel/debug/tracing'

/**
 * A detached mount, where tracefs is not mounted: the agent must not change the mounts of the host,
 * and no other process sees this one. It ends with the agent.
 */
let own: Fd | undefined

/** Where it was found last: the list of mounts of a node with many pods has thousands of lines. */
let known: string | undefined

/** Where tracefs is, or this process alone finds it; undefined when the kernel has none for us. */
export function findTracefs(): string | undefined {
  if (known === undefined || !existsSync(`${known}/events`)) known = search()
  return known
}

function search(): string | undefined {
  const folder = findMount('tracefs')
  if (folder) return folder
  if (existsSync(`${belowDebugfs}/events`)) return belowDebugfs
  try {
    own ??= openFileSystem('tracefs')
    return `/proc/self/fd/${own.number}`
  } catch {
    return undefined
  }
}

/**
 * The number of a tracepoint.
 * @param action for the error's message
 * @throws EbpfError EBPF_NO_TRACEFS, EBPF_NO_TRACEPOINT
 */
export function tracepointId(group: string, name: string, action: string): number {
  const tracefs = findTracefs()
  if (!tracefs) {
    throw new EbpfError(
      'EBPF_NO_TRACEFS',
      `${action}: tracefs is not mounted (mount -t tracefs tracefs ${usual})`,
    )
  }
  const path = `${tracefs}/events/${group}/${name}/id`
  try {
    return Number(readFileSync(path, 'latin1'))
  } catch (cause) {
    throw new EbpfError('EBPF_NO_TRACEPOINT', `${action}: no such tracepoint (${path})`, { cause })
  }
}
