import { useLayoutEffect, useRef } from 'preact/hooks'
import type { listKeys } from './keys.ts'
import { useKeys } from './use-keys.ts'

interface Row {
  readonly id: string | number
}

interface List<R extends Row> {
  readonly from: number
  readonly rows: readonly R[]
  /** Number of rows in all. */
  readonly count: number
  readonly selected: R['id'] | undefined
  readonly onSelect: (row: R) => void
  /** Position of the row in the middle of those in sight. */
  readonly middle: () => number
  /** Scrolls, so that the row of a position is in sight; the row may arrive later. */
  readonly show: (position: number) => void
}

/** The keys of a list: they choose rows by their positions, also rows that have yet to arrive. */
export function useListKeys<R extends Row>(list: List<R>): void {
  const { from, rows, count, selected } = list
  /** Where the chosen row was seen last. */
  const chosen = useRef<{ readonly id: R['id']; readonly position: number }>(undefined)
  const awaited = useRef<number>(undefined)

  const index = rows.findIndex(({ id }) => id === selected)
  if (index >= 0) chosen.current = { id: rows[index].id, position: from + index }

  const choose = (position: number): void => {
    if (count === 0) return
    const wanted = Math.max(0, Math.min(count - 1, position))
    const row = rows[wanted - from]
    awaited.current = row === undefined ? wanted : undefined
    list.show(wanted)
    if (row !== undefined) list.onSelect(row)
  }
  const step = (by: number): void => {
    const { current } = chosen
    const isChosen = current !== undefined && current.id === selected
    choose(isChosen ? current.position + by : list.middle())
  }

  useLayoutEffect(() => {
    // Until the row is there: an earlier effect may have scrolled the list that followed its end.
    if (awaited.current !== undefined) choose(awaited.current)
  })

  const next = (): void => step(1)
  const previous = (): void => step(-1)
  const first = (): void => choose(0)
  const last = (): void => choose(count - 1)
  useKeys<keyof typeof listKeys>({
    n: next,
    ArrowDown: next,
    N: previous,
    ArrowUp: previous,
    g: first,
    Home: first,
    G: last,
    End: last,
  })
}
