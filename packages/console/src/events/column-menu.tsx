import { Menu } from '../page/menu.tsx'
import { columnNames, shownColumns, toggleColumn } from './columns.ts'

/** Chooses the columns of the list. */
export function ColumnMenu() {
  const shown = shownColumns.value
  return (
    <Menu name="Columns" title="Columns of the list">
      {columnNames.map((column) => (
        <label key={column}>
          <input
            type="checkbox"
            checked={shown.includes(column)}
            disabled={shown.length === 1 && shown.includes(column)}
            onChange={() => toggleColumn(column)}
          />
          {column}
        </label>
      ))}
    </Menu>
  )
}

/** The names of the columns, above the list. */
export function ColumnHeads() {
  return (
    <div class="heads">
      {shownColumns.value.map((column) => (
        <span key={column} class={`cell cell-${column}`}>
          {column}
        </span>
      ))}
    </div>
  )
}
