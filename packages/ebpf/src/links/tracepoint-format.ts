import { readdirSync, readFileSync } from 'node:fs'
import { EbpfError } from '../errors/index.ts'
import { parseTracepointFormat, type TracepointField } from '../lang/index.ts'
import { findTracefs } from './tracefs.ts'

/**
 * The fields of a tracepoint's record.
 * @throws EbpfError EBPF_NO_TRACEFS, EBPF_NO_TRACEPOINT
 */
export function tracepointFormat(group: string, name: string): readonly TracepointField[] {
  const path = `${eventsFolder(`read format of ${group}/${name}`)}/${group}/${name}/format`
  try {
    return parseTracepointFormat(readFileSync(path, 'latin1'))
  } catch (cause) {
    const message = `read format of ${group}/${name}: no such tracepoint`
    throw new EbpfError('EBPF_NO_TRACEPOINT', message, { cause })
  }
}

/** Names of the groups of tracepoints, or of those in a group; empty if there is none such. */
export function listTracepoints(group = '.'): readonly string[] {
  try {
    return readdirSync(`${eventsFolder('list tracepoints')}/${group}`, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}

function eventsFolder(action: string): string {
  const tracefs = findTracefs()
  if (!tracefs) throw new EbpfError('EBPF_NO_TRACEFS', `${action}: there is no tracefs`)
  return `${tracefs}/events`
}
