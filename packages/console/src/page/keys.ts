/** Keys by their names in `KeyboardEvent.key`, and what each does. Keys of one action are equal. */
export type Keys = Readonly<Record<string, string>>

/** Keys of the whole page. */
export const pageKeys = {
  '/': 'type a filter; Esc leaves it',
  '1…9': 'open the view with this number',
  '?': 'show all keys; Esc closes them',
} as const satisfies Keys

/** Keys of a list. */
export const listKeys = {
  n: 'choose the next row',
  ArrowDown: 'choose the next row',
  N: 'choose the previous row',
  ArrowUp: 'choose the previous row',
  g: 'choose the first row',
  Home: 'choose the first row',
  G: 'choose the last row',
  End: 'choose the last row',
} as const satisfies Keys

/** Keys of a tree. */
export const treeKeys = {
  ArrowLeft: 'hide what is below the chosen row, or choose the row above it',
  ArrowRight: 'show what is below the chosen row',
} as const satisfies Keys

/** Keys of a list with a pane for the chosen row. */
export const paneKeys = {
  Enter: 'open the chosen row: keys scroll its pane',
  Escape: 'close the pane, and go back to the list',
  Backspace: 'close the pane, and go back to the list',
} as const satisfies Keys

/** A row of the help: keys of one action. */
export interface KeyRow {
  readonly names: readonly string[]
  readonly help: string
}

const names: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
}

/** The rows of the help for tables of keys. */
export function keyRows(...tables: readonly Keys[]): KeyRow[] {
  const rows = new Map<string, string[]>()
  for (const [key, help] of tables.flatMap((table) => Object.entries(table))) {
    rows.set(help, [...(rows.get(help) ?? []), names[key] ?? key])
  }
  return [...rows].map(([help, names]) => ({ names, help }))
}
