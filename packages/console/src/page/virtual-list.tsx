import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useListKeys } from './list-keys.ts'

/** Height of a row in pixels: as in the style sheet. */
export const rowHeight = 24
/** Rows above and below those in sight that are there already. */
const extraRows = 20
/** Browsers limit the height of elements: about 33 million pixels in Chromium, 17 in Firefox. */
const heightMax = 15_000_000

/** A part of a list: the rows that are there, from a position on, of `count` in all. */
export interface Part<R> {
  readonly from: number
  readonly rows: readonly R[]
  readonly count: number
}

interface Properties<R extends { readonly id: string | number }> {
  readonly label: string
  readonly part: Part<R>
  readonly selected: string | number | undefined
  /** Whether the end stays in sight. */
  readonly follows: boolean
  /** Another value: the rows in sight may be others. */
  readonly version: unknown
  /** Asks for rows by their positions. */
  readonly onSee: (from: number, to: number) => void
  readonly onSelect: (row: R) => void
  /** The user looks at something else than the end. */
  readonly onLeaveEnd?: () => void
  readonly children: (row: R) => ComponentChildren
}

/** A list of any length, of which only the rows in sight are elements. */
export function VirtualList<R extends { readonly id: string | number }>(list: Properties<R>) {
  const element = useRef<HTMLDivElement>(null)
  const { from, rows, count } = list.part
  const height = Math.min(count * rowHeight, heightMax)
  /** Pixels of rows for each pixel of the element, which cannot be as high as all rows. */
  const scale = (count * rowHeight) / Math.max(1, height)

  const look = (): void => {
    // Another view is shown already.
    if (element.current === null) return
    const { scrollTop, clientHeight } = element.current
    const first = Math.floor((scrollTop * scale) / rowHeight)
    const last = first + Math.ceil(clientHeight / rowHeight)
    list.onSee(Math.max(0, first - extraRows), last + extraRows)
  }

  useEffect(() => {
    const { current } = element
    if (current !== null && list.follows) current.scrollTop = current.scrollHeight
    look()
  }, [count, list.follows, list.version])

  const bringIntoSight = (offset: number): void => {
    const current = element.current!
    const top = offset / scale
    const bottom = top + rowHeight - current.clientHeight
    current.scrollTop = Math.max(bottom, Math.min(top, current.scrollTop))
  }

  const isSelectedThere = rows.some(({ id }) => id === list.selected)
  useListKeys({
    from,
    rows,
    count,
    selected: list.selected,
    onSelect: list.onSelect,
    middle: () => {
      const { scrollTop, clientHeight } = element.current!
      return Math.floor(((scrollTop + clientHeight / 2) * scale) / rowHeight)
    },
    show: (position) => {
      list.onLeaveEnd?.()
      bringIntoSight(position * rowHeight)
      look()
    },
  })

  return (
    <div
      class="list"
      ref={element}
      role="listbox"
      aria-label={list.label}
      aria-activedescendant={isSelectedThere ? `row-${list.selected}` : undefined}
      tabIndex={0}
      onScroll={look}
      onWheel={({ deltaY }) => {
        if (deltaY < 0) list.onLeaveEnd?.()
      }}
    >
      <div class="list-height" style={{ height: `${height}px` }}>
        <div style={{ transform: `translateY(${(from * rowHeight) / scale}px)` }}>
          {rows.map((row) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles the keys of its rows
            <div
              key={row.id}
              id={`row-${row.id}`}
              class="row"
              role="option"
              aria-selected={row.id === list.selected}
              tabIndex={-1}
              onClick={() => list.onSelect(row)}
            >
              {list.children(row)}
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}
