import { findingLevels } from '@tetragon-ts/api'
import { Menu } from '../page/menu.tsx'
import type { AlertModel } from './alert-model.ts'

/** Turns notifications of the browser on, from a level on, and off. */
export function NotifyMenu({ model }: { readonly model: AlertModel }) {
  const least = model.notifiesFrom.value
  return (
    <Menu name={least === '' ? 'Notify' : `Notify: ${least}`} title="Notify of new alerts">
      {findingLevels.slice(1).map((level) => (
        <button
          key={level}
          type="button"
          aria-pressed={level === least}
          onClick={() => void model.notify(level)}
        >
          {level}
        </button>
      ))}
      <button type="button" disabled={least === ''} onClick={() => void model.notify('')}>
        off
      </button>
      <output>{model.notifyNote.value}</output>
    </Menu>
  )
}
