import { useEffect } from 'preact/hooks'

/** Calls back for keys, by their names, except while the user types into a field. */
export function useKeys(actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { key, ctrlKey, metaKey, altKey } = event
      if (isTyping(event) || ctrlKey || metaKey || altKey) return
      if (!Object.hasOwn(actions, key)) return
      event.preventDefault()
      actions[key]()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}

/** Whether the key goes into a field, an editor or a dialog. */
function isTyping(event: KeyboardEvent): boolean {
  return event.composedPath().some((target) => {
    const isField = target instanceof HTMLInputElement || target instanceof HTMLSelectElement
    return isField || target instanceof HTMLDialogElement || isEditable(target)
  })
}

function isEditable(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.isContentEditable
}
