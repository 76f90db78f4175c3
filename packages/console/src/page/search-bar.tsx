import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { FilterNotes, type RefusedFilter } from './filter-notes.tsx'
import { addRecentFilter, recentFilters } from './recent-filters.ts'
import { useKeys } from './use-keys.ts'

interface Properties {
  readonly filter: Signal<string>
  /** What is wrong with the filter; undefined if it is in force. */
  readonly refused?: RefusedFilter
  readonly children?: ComponentChildren
}

/** The filter of a view. `/` leads to it, and Escape away from it. */
export function SearchBar({ filter, refused, children }: Properties) {
  const input = useRef<HTMLInputElement>(null)
  useKeys({ '/': () => input.current?.focus() })
  const isRefused = refused !== undefined
  return (
    <>
      <div class="bar">
        <input
          ref={input}
          type="search"
          aria-label="Filter"
          aria-invalid={isRefused}
          aria-describedby="filter-notes"
          list="recent-filters"
          autocomplete="off"
          spellcheck={false}
          placeholder="Filter: words, -words, pod:xwing, binary:/usr/bin/*, cel: expression  ( / )"
          value={filter.value}
          onInput={({ currentTarget }) => {
            filter.value = currentTarget.value
          }}
          onChange={({ currentTarget }) => {
            if (!isRefused) addRecentFilter(currentTarget.value)
          }}
          onKeyDown={({ key, currentTarget }) => {
            if (key === 'Escape' || key === 'Enter') currentTarget.blur()
          }}
        />
        <datalist id="recent-filters">
          {recentFilters.value.map((text) => (
            <option key={text} value={text} />
          ))}
        </datalist>
        {children}
      </div>
      <FilterNotes id="filter-notes" filter={filter.value} refused={refused} />
    </>
  )
}
