import { escapeUnprintable } from '@tetragon-ts/api'
import type { CountedField, CountedName, FieldNames } from '../summaries/name-counts.ts'
import type { OverviewModel } from './overview-model.ts'

/** Titles of the cards. */
const titles: Readonly<Record<CountedField, string>> = {
  binary: 'Programs',
  file: 'Files',
  address: 'Addresses',
  user: 'Users',
  pod: 'Pods',
  container: 'Containers',
  policy: 'Policies',
  hook: 'Hooks',
  kind: 'Kinds of events',
  node: 'Nodes',
}

interface Properties {
  readonly names: FieldNames
  readonly model: OverviewModel
}

/** The values of a field, each with its number of events; nothing if no event has the field. */
export function NameCard({ names: { field, names, others }, model }: Properties) {
  if (names.length === 0) return null
  const most = Math.max(...names.map(({ count }) => count))
  return (
    <section class="card" aria-label={titles[field]}>
      <h2>{titles[field]}</h2>
      <ul>
        {names.map((each) => (
          <Name
            key={each.name}
            each={each}
            most={most}
            onOpen={() => model.open([field, each.name])}
          />
        ))}
      </ul>
      {others > 0 && <p class="note">and {others.toLocaleString('en')} more</p>}
    </section>
  )
}

interface NameProperties {
  readonly each: CountedName
  /** The largest count of the card. */
  readonly most: number
  readonly onOpen: () => void
}

function Name({ each: { name, count, isNew }, most, onOpen }: NameProperties) {
  return (
    <li>
      <span class="share" style={{ width: `${(100 * count) / most}%` }} />
      <button type="button" class="link" title="Show its events" onClick={onOpen}>
        <bdi title={escapeUnprintable(name)}>{escapeUnprintable(name)}</bdi>
      </button>
      {isNew && <strong class="new">new</strong>}
      <span class="count">{count.toLocaleString('en')}</span>
    </li>
  )
}
