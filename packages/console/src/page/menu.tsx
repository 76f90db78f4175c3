import type { ComponentChildren } from 'preact'

interface Properties {
  /** On its button. */
  readonly name: string
  /** Above its content. */
  readonly title: string
  readonly onToggle?: (isOpen: boolean) => void
  readonly children: ComponentChildren
}

/** A menu that its button opens; Escape closes it. */
export function Menu({ name, title, onToggle, children }: Properties) {
  return (
    <details
      class="menu"
      onToggle={({ currentTarget }) => onToggle?.(currentTarget.open)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        event.currentTarget.open = false
        event.currentTarget.querySelector('summary')?.focus()
      }}
    >
      <summary>{name}</summary>
      <fieldset>
        <legend>{title}</legend>
        {children}
      </fieldset>
    </details>
  )
}
