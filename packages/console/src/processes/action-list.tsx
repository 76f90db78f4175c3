import { LossNote } from '../losses/loss-note.tsx'
import type { Lead } from '../page/lead.ts'
import { termOf } from '../store/filter.ts'
import { timeText } from '../store/time-text.ts'
import type { Action } from '../worker/process-actions.ts'
import type { ProcessModel } from './process-model.ts'

interface Properties {
  readonly model: ProcessModel
  readonly lead: Lead
}

/** Terms about the process, and what they do with the list of processes and of events. */
const narrowings = [
  { field: 'exec', processes: 'only this process', events: 'its events' },
  { field: 'tree', processes: 'this and below', events: 'events of this and below' },
] as const

/** What the selected process did, in order. An action leads to its event, or to the new process. */
export function ActionList({ model, lead }: Properties) {
  const execId = model.selected.value
  const actions = model.actions.value
  if (actions === undefined) return null
  const { rows, omitted } = actions
  const self = model.lineage.value.at(-1)
  return (
    <>
      <h2>What it did</h2>
      <div class="terms">
        {narrowings.map(({ field, processes, events }) => {
          const term = termOf(field, execId)
          const narrow = (): void => {
            model.filter.value = term
          }
          return [
            <button key={processes} type="button" onClick={narrow}>
              {processes}
            </button>,
            <button key={events} type="button" onClick={() => lead.toEventsMatching(term)}>
              {events}
            </button>,
          ]
        })}
      </div>
      {self && (
        <LossNote
          span={{ from: self.start ?? 0, to: self.end ?? Number.POSITIVE_INFINITY }}
          node={self.node}
          text="while it ran: this list may be incomplete."
        />
      )}
      {rows.length === 0 && <p>None of its events is kept, or in the selected span of time.</p>}
      {omitted > 0 && <p>{omitted} earlier actions are left off: “its events” shows all events.</p>}
      <ol class="actions" aria-label="What it did">
        {rows.map((action, i) => (
          <li key={action.event ?? action.process}>
            <ActionRow action={action} before={rows[i - 1]?.time} lead={lead} />
          </li>
        ))}
      </ol>
    </>
  )
}

interface RowProperties {
  readonly action: Action
  /** Time of the row above; undefined: there is none. */
  readonly before: number | undefined
  readonly lead: Lead
}

function ActionRow({ action, before, lead }: RowProperties) {
  const { time, icon, word, text, enforcement, event, process } = action
  const open = (): void => {
    if (event !== undefined) lead.toEvent(event)
    else if (process !== undefined) lead.toProcess(process)
  }
  return (
    <button type="button" onClick={open}>
      <time>{timeText(time, before)}</time>
      <span aria-hidden="true">{icon}</span> {word} <bdi>{text}</bdi>
      {enforcement !== '' && <strong> {enforcement}</strong>}
    </button>
  )
}
