import { type Signal, signal } from '@preact/signals'
import { readSaved, save } from './saved.ts'

const name = 'recent-filters'
/** Maximum number of filters, and the length of each in characters. */
const countMax = 20
const lengthMax = 1000

/** The filters that were used last, the newest first. */
export const recentFilters: Signal<readonly string[]> = signal(withFilter('', readSaved(name)))

/** Adds a filter that was used. */
export function addRecentFilter(text: string): void {
  recentFilters.value = withFilter(text.trim(), recentFilters.value)
  save(name, recentFilters.value)
}

/** The list with a filter in front of it, without filters that are too long or too many. */
export function withFilter(text: string, filters: readonly string[]): string[] {
  return [...new Set([text, ...filters])]
    .filter(({ length }) => length > 0 && length <= lengthMax)
    .slice(0, countMax)
}
