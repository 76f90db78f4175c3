import { signal } from '@preact/signals'
import { readSaved, save } from '../page/saved.ts'
import type { Alert } from '../summaries/alert-groups.ts'
import { alertState, alertStates, type SavedState } from '../summaries/alert-state.ts'

const name = 'alert-states'
/** Maximum number of states, characters of all, and characters of a note. */
const countMax = 500
const charactersMax = 500_000
export const noteMax = 1000

/** States of alerts, which the browser keeps for the address of the page. */
export class AlertStates {
  readonly #saved = signal<ReadonlyMap<string, SavedState>>(read())
  /** Why the last state is not kept; empty: it is. */
  readonly problem = signal('')

  /** All states that were set. */
  get saved(): readonly SavedState[] {
    return [...this.#saved.value.values()]
  }

  /** The state of an alert: see {@link alertState}. */
  of({ key, last }: Pick<Alert, 'key' | 'last'>): Pick<SavedState, 'state' | 'note'> {
    return alertState(this.#saved.value.get(key), last)
  }

  /** Changes the state, the note, or both. */
  mark(
    alert: Pick<Alert, 'key' | 'last'>,
    change: Partial<Pick<SavedState, 'state' | 'note'>>,
  ): void {
    const { key, last } = alert
    const { state, note } = { ...this.of(alert), ...change }
    // Another tab may have changed some. States that it does not keep are only here.
    const all = this.problem.value === '' ? read() : new Map(this.#saved.value)
    all.delete(key)
    if (state !== 'new' || note !== '') {
      all.set(key, { key, state, note: note.slice(0, noteMax), last })
    }
    const texts = bounded([...all.values()].map((each) => JSON.stringify(each)))
    this.#saved.value = all
    try {
      save(name, texts)
      this.problem.value = ''
    } catch (error) {
      this.problem.value = `not kept after a reload: ${(error as Error).message}`
    }
  }
}

function read(): Map<string, SavedState> {
  const all = readSaved(name).flatMap((text) => stateOf(text) ?? [])
  return new Map(all.map((each) => [each.key, each]))
}

/** The states that were set last, as far as there is room. */
export function bounded(texts: readonly string[]): string[] {
  let room = charactersMax
  const latest = texts.slice(-countMax).reverse()
  const end = latest.findIndex((text) => {
    room -= text.length
    return room < 0
  })
  return (end < 0 ? latest : latest.slice(0, end)).reverse()
}

/** Undefined: the text is not a state. */
function stateOf(text: string): SavedState | undefined {
  try {
    const { key, state, note, last } = JSON.parse(text)
    const isValid = typeof key === 'string' && typeof note === 'string' && Number.isFinite(last)
    return isValid && alertStates.includes(state) ? { key, state, note, last } : undefined
  } catch {
    return undefined
  }
}
