import { signal } from '@preact/signals'
import type { Span } from '../store/span.ts'
import { parameter } from './address.ts'

/** The span of time that all views show; undefined: everything. */
export const span = signal<Span | undefined>(spanOf(parameter('from'), parameter('to')))

/** Selects the span of the address. */
export function restoreSpan(): void {
  const next = spanOf(parameter('from'), parameter('to'))
  const isSame = next?.from === span.value?.from && next?.to === span.value?.to
  if (!isSame) span.value = next
}

/** A span from texts in ISO form, as in addresses; undefined if they are none. */
function spanOf(fromText: string, toText: string): Span | undefined {
  const [from, to] = [Date.parse(fromText), Date.parse(toText)]
  return from < to ? { from, to } : undefined
}

/** The span for the address: `from` and `to`. */
export function spanParameters(): { readonly from?: string; readonly to?: string } {
  if (span.value === undefined) return {}
  const { from, to } = span.value
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}
