import type { EnforcementModel } from '../enforcement/enforcement-model.ts'
import type { Outcome } from '../summaries/enforced-actions.ts'

/** The most urgent first. */
const outcomes: readonly { readonly outcome: Outcome; readonly text: string }[] = [
  { outcome: 'failed', text: 'could not be stopped' },
  { outcome: 'done', text: 'were stopped' },
  { outcome: 'monitored', text: 'would have been stopped' },
  { outcome: 'unreported', text: 'have no reported outcome' },
]

interface Properties {
  readonly model: EnforcementModel
  readonly onOpen: () => void
}

/** How many operations policies stopped. */
export function StoppedCard({ model, onOpen }: Properties) {
  const summary = model.summary.value
  if (summary === undefined) return null
  const counts = outcomes.map(({ outcome, text }) => {
    const grouped = model.groups(outcome).reduce((sum, { count }) => sum + count, 0)
    return { outcome, text, count: grouped + summary.ungrouped[outcome] }
  })
  const seen = counts.filter(({ count }) => count > 0)
  return (
    <section class="card" aria-label="Stopped operations">
      <h2>Stopped operations</h2>
      {seen.length === 0 && <p class="note">No policy stopped an operation.</p>}
      <ul>
        {seen.map(({ outcome, text, count }) => (
          <li key={outcome}>
            <button
              type="button"
              class={outcome === 'failed' ? 'link missing' : 'link'}
              title="Show them by policy"
              onClick={onOpen}
            >
              {`${count.toLocaleString('en')} ${text}`}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
