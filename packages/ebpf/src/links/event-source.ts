import { readFileSync } from 'node:fs'
import { EbpfError } from '../errors/index.ts'

const folder = '/sys/bus/event_source/devices'

/** A kind of perf event that the kernel numbers at boot, as described in sysfs. */
export interface EventSource {
  readonly type: number
  /** The bit of `config` that asks for the return of the function instead of its entry. */
  readonly returnBit: bigint
}

const known = new Map<string, EventSource>()

/**
 * Reads a source's number and format.
 * @param action for the error's message
 * @throws EbpfError EBPF_NO_EVENT_SOURCE when the kernel was built without it
 */
export function eventSource(name: 'kprobe' | 'uprobe', action: string): EventSource {
  const found = known.get(name)
  if (found) return found
  let type: number
  let format: string
  try {
    type = Number(readFileSync(`${folder}/${name}/type`, 'latin1'))
    format = readFileSync(`${folder}/${name}/format/retprobe`, 'latin1')
  } catch (cause) {
    throw new EbpfError(
      'EBPF_NO_EVENT_SOURCE',
      `${action}: this kernel has no ${name}s (${folder}/${name} is missing)`,
      { cause },
    )
  }
  // Such as `config:0`.
  const bit = /^config:(\d+)/.exec(format)?.[1] ?? '0'
  const source = { type, returnBit: 1n << BigInt(bit) }
  known.set(name, source)
  return source
}
