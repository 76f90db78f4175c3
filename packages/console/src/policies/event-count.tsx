import { escapeUnprintable } from '@tetragon-ts/api'
import { LossNote } from '../losses/loss-note.tsx'
import type { Lead } from '../page/lead.ts'
import { span } from '../page/span.ts'
import { termOf } from '../store/filter.ts'
import type { PolicyEventCount, PolicyEvents } from './policy-events.ts'

/** Number of kept events of a policy in the selected span, and of those with an action. */
export function EventCount({ count }: { readonly count: PolicyEventCount | undefined }) {
  if (count === undefined) return null
  const texts = count.actions.map(([action, events]) => `${action} ${events}`)
  return (
    <>
      {count.events} <small>{escapeUnprintable(texts.join(', '))}</small>
    </>
  )
}

interface Properties {
  /** Of the policy. */
  readonly name: string
  readonly events: PolicyEvents
  readonly lead: Lead
}

/** What a policy did in the selected span; nothing without a span. */
export function SpanEvents({ name, events, lead }: Properties) {
  const count = events.of(name)
  if (count === undefined) return null
  return (
    <>
      <h2>In the selected span</h2>
      <p>
        Kept events: <EventCount count={count} />{' '}
        {count.events > 0 && (
          <button
            type="button"
            class="link"
            onClick={() => lead.toEventsMatching(termOf('policy', name))}
          >
            show them
          </button>
        )}
      </p>
      <LossNote span={span.value} text="in it: the policy may have had more." />
      <p class="hint">All other numbers are those of the agents, since the policy was loaded.</p>
    </>
  )
}
