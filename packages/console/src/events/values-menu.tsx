import { escapeUnprintable } from '@tetragon-ts/api'
import { useEffect } from 'preact/hooks'
import { Menu } from '../page/menu.tsx'
import { eventsText } from '../store/count-text.ts'
import type { FieldNames } from '../summaries/name-counts.ts'
import type { ValuesModel } from './values-model.ts'

/** The most frequent values of the list: each adds its term to the filter. */
export function ValuesMenu({ model }: { readonly model: ValuesModel }) {
  const values = model.values.value
  // Another view may be opened while it is open.
  useEffect(() => () => model.setOpen(false), [])
  return (
    <Menu
      name="Values"
      title="Most frequent values of the list"
      onToggle={(isOpen) => model.setOpen(isOpen)}
    >
      <div class="values">
        {values?.fields.map((names) => (
          <Values key={names.field} names={names} model={model} />
        ))}
      </div>
      <output>{values === undefined ? 'counting' : `of ${eventsText(values.events)}`}</output>
    </Menu>
  )
}

interface ValuesProperties {
  readonly names: FieldNames
  readonly model: ValuesModel
}

function Values({ names: { field, names, others }, model }: ValuesProperties) {
  if (names.length === 0) return null
  return (
    <section aria-label={field}>
      <h2>{field}</h2>
      <ul>
        {names.map(({ name, count }) => (
          <li key={name}>
            <button
              type="button"
              class="link"
              title="Show only events with this value"
              onClick={() => model.only(field, name)}
            >
              <bdi>{escapeUnprintable(name)}</bdi>
            </button>
            <span class="count">{count.toLocaleString('en')}</span>
          </li>
        ))}
      </ul>
      {others > 0 && <p class="note">and {others.toLocaleString('en')} more</p>}
    </section>
  )
}
