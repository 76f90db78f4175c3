import { useEffect, useRef, useState } from 'preact/hooks'

interface Properties {
  readonly label: string
  readonly text: () => string
}

/** Copies a text; if the browser refuses that, shows the text to copy it by hand. */
export function CopyButton({ label, text }: Properties) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | undefined>()
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => field.current?.select(), [outcome])
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text())
      setOutcome('copied')
    } catch {
      setOutcome('refused')
    }
  }
  return (
    <>
      <button type="button" onClick={copy}>
        {label}
      </button>
      <span aria-live="polite">
        {outcome === 'copied' && 'copied'}
        {outcome === 'refused' && 'press Ctrl+C: the browser does not let the page copy'}
      </span>
      {outcome === 'refused' && (
        <textarea ref={field} readOnly aria-label={label} value={text()} rows={4} />
      )}
    </>
  )
}
