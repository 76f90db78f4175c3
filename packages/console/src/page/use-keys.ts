import { useLayoutEffect } from 'preact/hooks'

/**
 * Calls back for keys, by their names, except in fields and while a dialog is open.
 * The type parameter names the keys of a table (keys.ts): each must have its action.
 */
export function useKeys<K extends string>(actions: Readonly<Record<K, () => void>>): void {
  // Not later: the next key might meet the actions of an earlier state.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey } = event
      // The editor is in a tree of its own, of which others see only the host.
      const [target] = event.composedPath()
      if (event.defaultPrevented || ctrlKey || metaKey || altKey) return
      if (!Object.hasOwn(actions, key) || !isForPage(key, target as HTMLElement)) return
      event.preventDefault()
      actions[key as K]()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}

/** Elements that take all keys. */
const fields = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]'

const lists: readonly string[] = ['listbox', 'tree']

function isForPage(key: string, target: HTMLElement): boolean {
  if (document.querySelector('dialog:modal') !== null || target.closest(fields) !== null) {
    return false
  }
  // Other keys with a name press buttons and scroll: they belong to what has the focus.
  const isNamed = key.length > 1 && key !== 'Escape' && key !== 'Backspace'
  return !isNamed || target === document.body || lists.includes(target.role ?? '')
}
