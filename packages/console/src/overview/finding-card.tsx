import { escapeUnprintable } from '@tetragon-ts/api'
import type { RuleCount } from '../worker/overview.ts'
import type { OverviewModel } from './overview-model.ts'

interface Properties {
  readonly rules: readonly RuleCount[]
  readonly model: OverviewModel
}

/** What detection rules found, the highest level first. */
export function FindingCard({ rules, model }: Properties) {
  return (
    <section class="card" aria-label="Findings">
      <h2>Findings</h2>
      {rules.length === 0 && <p class="note">No detection rule matched an event.</p>}
      <ul>
        {rules.map(({ level, rule, count }) => (
          <li key={`${level} ${rule}`}>
            <strong class={`level level-${level}`}>{level}</strong>
            <button
              type="button"
              class="link"
              title="Show its events"
              onClick={() => model.open(['rule', rule])}
            >
              <bdi>{escapeUnprintable(rule)}</bdi>
            </button>
            <span class="count">{count.toLocaleString('en')}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
