import { escapeUnprintable } from '../escape.ts'
import type { StackTraceEntry } from '../messages/event.ts'

function hex(value: string | number | undefined): string {
  return `0x${BigInt(value ?? 0).toString(16)}`
}

/** Lines of a kernel stack trace, each with its line end; empty when there is none. */
export function formatKernelStack(entries: readonly StackTraceEntry[] | undefined): string {
  if (entries === undefined || entries.length === 0) return ''
  let text = 'Kernel:\n'
  for (const entry of entries) {
    const symbol = escapeUnprintable(entry.symbol ?? '')
    text += `   ${hex(entry.address)}: ${symbol}+${hex(entry.offset)}\n`
  }
  return text
}

/** Lines of a user space stack trace, each with its line end; empty when there is none. */
export function formatUserStack(entries: readonly StackTraceEntry[] | undefined): string {
  if (entries === undefined || entries.length === 0) return ''
  let text = 'User:\n'
  for (const entry of entries) {
    const symbol = escapeUnprintable(entry.symbol ?? '')
    const module = escapeUnprintable(entry.module ?? '')
    text += `   ${hex(entry.address)}: ${symbol} (${module}+${hex(entry.offset)})\n`
  }
  return text
}
