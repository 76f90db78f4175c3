import { useEffect } from 'preact/hooks'

/** Calls back for keys, by their names, except while the user types into a field. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, target, ctrlKey, metaKey, altKey } = event
      if (target instanceof HTMLInputElement || ctrlKey || metaKey || altKey) return
      if (!Object.hasOwn(actions, key)) return
      event.preventDefault()
      actions[key]()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}
