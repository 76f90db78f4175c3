import { useLayoutEffect, useRef } from 'preact/hooks'
import { filterForms, searchedTexts } from './filter-forms.ts'
import { type Keys, keyRows, pageKeys } from './keys.ts'
import { useKeys } from './use-keys.ts'
import type { View } from './view.ts'

/** All keys of the page and of a view, and the forms of filters; `?` opens it. */
export function HelpDialog({ view }: { readonly view: View }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const open = (): void => dialog.current?.showModal()
  useKeys({ '?': open })
  // A link of the browser's history leads elsewhere.
  useLayoutEffect(() => dialog.current?.close(), [view])
  return (
    <>
      <button type="button" onClick={open}>
        Help (?)
      </button>
      <dialog
        ref={dialog}
        class="help"
        aria-labelledby="help-title"
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return
          // The browser would close it later, perhaps after the next key.
          event.preventDefault()
          dialog.current?.close()
        }}
      >
        <form method="dialog">
          <h2 id="help-title">Keys and filters</h2>
          <button type="submit">Close (Esc)</button>
        </form>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll the text */}
        <div class="scroll" tabIndex={0}>
          <KeyTable name="Page" keys={pageKeys} />
          {view.keys !== undefined && <KeyTable name={view.name} keys={view.keys} />}
          <h3>Filter</h3>
          <p>{searchedTexts}</p>
          <dl>
            {filterForms.map(({ form, meaning }) => (
              <div key={form}>
                <dt>
                  <code>{form}</code>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </div>
      </dialog>
    </>
  )
}

function KeyTable({ name, keys }: { readonly name: string; readonly keys: Keys }) {
  return (
    <>
      <h3>{name}</h3>
      <dl>
        {keyRows(keys).map(({ names, help }) => (
          <div key={help}>
            <dt>
              {names.map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{help}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
