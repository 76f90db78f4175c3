import type { StackTraceEntry } from '../events/hook-events.ts'
import type { Paint } from '../lines/colour.ts'
import { escapeUnprintable } from '../quoting/escape.ts'

type Entries = readonly StackTraceEntry[] | undefined

/** A number of the API, such as an address; absent ones are 0. */
export function hex(value: string | number | undefined): string {
  return `0x${BigInt(value ?? 0).toString(16)}`
}

function address(entry: StackTraceEntry, paint: Paint): string {
  return paint('green', `   ${hex(entry.address)}:`)
}

/** Lines of a kernel stack trace, each with its line end; empty when there is none. */
export function formatKernelStack(entries: Entries, paint: Paint): string {
  if (entries === undefined || entries.length === 0) return ''
  let text = 'Kernel:\n'
  for (const entry of entries) {
    const symbol = paint('blue', ` ${escapeUnprintable(entry.symbol ?? '')}`)
    text += `${address(entry, paint)}${symbol}+${paint('yellow', hex(entry.offset))}\n`
  }
  return text
}

/** Lines of a user space stack trace, each with its line end; empty when there is none. */
export function formatUserStack(entries: Entries, paint: Paint): string {
  if (entries === undefined || entries.length === 0) return ''
  let text = 'User:\n'
  for (const entry of entries) {
    const { symbol = '', module = '', offset } = entry
    const name = symbol === '' ? '' : paint('blue', ` ${escapeUnprintable(symbol)}`)
    const location = paint('yellow', ` (${escapeUnprintable(module)}+${hex(offset)})`)
    text += `${address(entry, paint)}${name}${location}\n`
  }
  return text
}
