import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { useKeys } from './use-keys.ts'

interface Properties {
  readonly filter: Signal<string>
  readonly children?: ComponentChildren
}

/** The filter of a view. `/` leads to it, and Escape away from it. */
export function SearchBar({ filter, children }: Properties) {
  const input = useRef<HTMLInputElement>(null)
  useKeys({ '/': () => input.current?.focus() })
  return (
    <div class="bar">
      <input
        ref={input}
        type="search"
        aria-label="Filter"
        placeholder='Filter: words, -words, "several words", pod:xwing, binary:/usr/bin/*, kind:exec  ( / )'
        value={filter.value}
        onInput={({ currentTarget }) => {
          filter.value = currentTarget.value
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Escape') currentTarget.blur()
        }}
      />
      {children}
    </div>
  )
}
