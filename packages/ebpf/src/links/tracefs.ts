import { existsSync, readFileSync } from 'node:fs'
import { EbpfError } from '../sys/index.ts'

const folders = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing']

/** Where tracefs is mounted; undefined when it is not. */
export function findTracefs(): string | undefined {
  return folders.find((folder) => existsSync(`${folder}/events`))
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
      `${action}: tracefs is not mounted (mount -t tracefs tracefs ${folders[0]})`,
    )
  }
  const path = `${tracefs}/events/${group}/${name}/id`
  try {
    return Number(readFileSync(path, 'latin1'))
  } catch (cause) {
    throw new EbpfError('EBPF_NO_TRACEPOINT', `${action}: no such tracepoint (${path})`, { cause })
  }
}
