import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { RowId, WantedRows } from '../worker/wanted-rows.ts'
import { useListKeys } from './list-keys.ts'
import {
  heightOf,
  type ListWindow,
  positionAt,
  rowHeight,
  rowsAround,
  rowsWanted,
  scrollTopAt,
  topOf,
} from './list-window.ts'
import { useResize } from './use-resize.ts'

/** A part of a list: the rows that are there, from a position on, of `count` in all. */
export interface Part<R> {
  readonly from: number
  readonly rows: readonly R[]
  readonly count: number
  /** The row that was asked for; it may be missing. */
  readonly around?: RowId | undefined
}

/** Properties of a row's element. */
export interface RowRole {
  readonly role: 'option' | 'treeitem'
  readonly 'aria-level'?: number
  readonly 'aria-expanded'?: boolean | undefined
}

interface Properties<R extends { readonly id: RowId }> {
  readonly label: string
  /** Role of the list; that of its rows is {@link roleOf}. */
  readonly role?: 'listbox' | 'tree'
  readonly part: Part<R>
  readonly selected: RowId | undefined
  /** A row to scroll to; undefined: none. */
  readonly reveal: RowId | undefined
  /** The row is in sight, or the list does not have it. */
  readonly onRevealed: () => void
  /** Whether the end stays in sight. */
  readonly follows: boolean
  /** Another value: the rows in sight may be others. */
  readonly version: unknown
  /** Asks for rows. */
  readonly onSee: (rows: WantedRows) => void
  readonly onSelect: (row: R) => void
  /** The user looks at something else than the end. */
  readonly onLeaveEnd?: () => void
  readonly roleOf?: (row: R) => RowRole
  readonly children: (row: R) => ComponentChildren
}

/** A list of any length, of which only the rows in sight are elements. */
export function VirtualList<R extends { readonly id: RowId }>(list: Properties<R>) {
  const element = useRef<HTMLDivElement>(null)
  const block = useRef<HTMLDivElement>(null)
  /** Where the list was scrolled to when its end was brought into sight last. */
  const end = useRef(0)
  /** The inner height for which the list was scrolled last, in pixels. */
  const placedFor = useRef(0)
  const { from, rows, count, around } = list.part
  const { follows, reveal } = list
  const windowOf = ({ clientHeight }: HTMLDivElement): ListWindow => ({ count, clientHeight })

  const look = (): void => {
    const { current } = element
    // Another view is shown already.
    if (current === null) return
    const wanted = rowsWanted(current)
    if (reveal !== undefined) list.onSee({ around: reveal, rows: wanted })
    else if (follows) list.onSee({ last: wanted })
    else list.onSee(rowsAround(current.scrollTop, windowOf(current)))
  }

  const showEnd = (current: HTMLDivElement): void => {
    current.scrollTop = current.scrollHeight
    end.current = current.scrollTop
  }

  const bringIntoSight = (position: number): void => {
    const current = element.current!
    const shown = windowOf(current)
    const bottom = position + 1 - current.clientHeight / rowHeight
    const first = Math.max(bottom, Math.min(position, positionAt(current.scrollTop, shown)))
    current.scrollTop = scrollTopAt(first, shown)
  }

  /**
   * Keeps the end or the selected row in sight when the list has another height: parts of the page
   * appear above it later, several within a frame, and the window may change.
   */
  const place = (current: HTMLDivElement): void => {
    const before = placedFor.current
    placedFor.current = current.clientHeight
    if (follows) return showEnd(current)
    if (before === current.clientHeight) return
    const index = rows.findIndex(({ id }) => id === list.selected)
    if (index < 0) return
    const first = positionAt(current.scrollTop, { count, clientHeight: before })
    const middle = from + index + 0.5
    const isSeen = middle >= first && middle <= first + before / rowHeight
    if (isSeen) bringIntoSight(from + index)
  }

  useEffect(look, [follows ? undefined : count, follows, list.version, reveal])

  useLayoutEffect(() => {
    const current = element.current!
    const isAnswer = reveal !== undefined && around === reveal
    const index = isAnswer ? rows.findIndex(({ id }) => id === reveal) : -1
    if (index >= 0) {
      const middle = from + index - (current.clientHeight / rowHeight - 1) / 2
      current.scrollTop = scrollTopAt(middle, windowOf(current))
      placedFor.current = current.clientHeight
    } else place(current)
    // Rows and height are of one answer, and are placed before the browser draws them.
    const top = topOf(from, current.scrollTop, windowOf(current))
    block.current!.style.transform = `translateY(${top}px)`
    if (isAnswer) list.onRevealed()
  }, [list.part, follows, reveal])

  const roleOf = list.roleOf ?? (() => ({ role: 'option' as const }))

  useResize(element, () => {
    if (element.current !== null) place(element.current)
    look()
  })

  const isSelectedThere = rows.some(({ id }) => id === list.selected)
  useListKeys({
    from,
    rows,
    count,
    selected: list.selected,
    onSelect: list.onSelect,
    middle: () => {
      const { scrollTop, clientHeight } = element.current!
      const first = positionAt(scrollTop, { count, clientHeight })
      return Math.floor(first + clientHeight / 2 / rowHeight)
    },
    show: (position) => {
      list.onLeaveEnd?.()
      bringIntoSight(position)
      look()
    },
  })

  const onScroll = ({ currentTarget }: { readonly currentTarget: HTMLDivElement }): void => {
    const { scrollHeight, scrollTop, clientHeight } = currentTarget
    if (!follows) return look()
    // A list that gets lower is away from its end, too, at the same position.
    const isAway = scrollHeight - clientHeight - scrollTop > rowHeight
    if (isAway && scrollTop < end.current) list.onLeaveEnd?.()
  }

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: its role is one of two
    <div
      class="list"
      ref={element}
      role={list.role ?? 'listbox'}
      aria-label={list.label}
      aria-activedescendant={isSelectedThere ? `row-${list.selected}` : undefined}
      tabIndex={0}
      onScroll={onScroll}
      onWheel={({ deltaY }) => {
        if (deltaY < 0) list.onLeaveEnd?.()
      }}
    >
      <div class="list-height" style={{ height: `${heightOf(count)}px` }}>
        <div ref={block}>
          {rows.map((row) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles the keys of its rows
            // biome-ignore lint/a11y/noStaticElementInteractions: its role is in the properties
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: as before
            <div
              key={row.id}
              id={`row-${row.id}`}
              class="row"
              {...roleOf(row)}
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
