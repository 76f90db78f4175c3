import type { ComponentChildren } from 'preact'

interface Properties {
  readonly label: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** Everything about what is selected, beside the list. */
export function DetailPane({ label, onClose, children }: Properties) {
  return (
    <section class="detail" aria-label={label}>
      <button type="button" onClick={onClose}>
        Close (Esc)
      </button>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll the text */}
      <div class="scroll" tabIndex={0}>
        {children}
      </div>
    </section>
  )
}
