/** Gives the keys to the list of the view. */
export function focusList(): void {
  document.querySelector<HTMLElement>('[role=listbox]')?.focus()
}

/** Gives the keys to the pane of what is chosen, to scroll it. */
export function focusPane(): void {
  document.querySelector<HTMLElement>('.detail .scroll')?.focus()
}
