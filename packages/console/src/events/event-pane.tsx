import type { Signal } from '@preact/signals'
import { escapeUnprintable } from '@tetragon-ts/api'
import { CopyButton } from '../page/copy-button.tsx'
import { DetailPane } from '../page/detail-pane.tsx'
import type { Lead } from '../page/lead.ts'
import { Lineage } from '../processes/lineage.tsx'
import { type Subject, termOf } from '../store/filter.ts'
import { addTerm, type FieldName, fieldNames } from '../store/filter-text.ts'
import type { EventDetail } from '../worker/protocol.ts'
import { EventFindings } from './event-findings.tsx'
import type { EventModel } from './event-model.ts'

interface Properties {
  readonly model: EventModel
  readonly lead: Lead
}

/** Everything about the chosen event. */
export function EventPane({ model, lead }: Properties) {
  const detail = model.detail.value
  if (model.selected.value === undefined && model.wanted.value === '') return null
  return (
    <DetailPane label="Event" onClose={() => model.select(undefined)}>
      {model.wanted.value !== '' && (
        <p>
          The event of the link is not in the memory of this page: read it from the agent’s log, or
          close this pane and follow the events to come.
        </p>
      )}
      {detail === 'dropped' && <p>This event was dropped: too many came after it.</p>}
      {typeof detail === 'object' && (
        <EventContent detail={detail} filter={model.filter} lead={lead} />
      )}
    </DetailPane>
  )
}

interface ContentProperties {
  readonly detail: EventDetail
  /** Terms about the event are added to it. */
  readonly filter: Signal<string>
  readonly lead: Lead
}

/** An event as a sentence, with findings, lineage, fields and JSON. */
export function EventContent({ detail, filter, lead }: ContentProperties) {
  return (
    <>
      {detail.sentence !== '' && (
        // Its first name does not decide its direction.
        <p class="sentence" dir="ltr">
          {detail.sentence}
        </p>
      )}
      <Copies key={detail.id} detail={detail} />
      <EventFindings findings={detail.findings} />
      <Lineage
        lineage={detail.lineage}
        onTree={(execId) => {
          filter.value = addTerm(filter.value, termOf('tree', execId))
        }}
      />
      <button type="button" onClick={() => lead.toProcess(detail.fields.exec ?? '')}>
        What this process did
      </button>
      <h2>Event</h2>
      <Fields fields={detail.fields} filter={filter} />
      <pre>{detail.json}</pre>
    </>
  )
}

function Copies({ detail: { json, command } }: { readonly detail: EventDetail }) {
  return (
    <p class="copies">
      <CopyButton label="Copy JSON" text={() => json} />
      <CopyButton label="Copy as tetra command" text={() => command} />
      <CopyButton label="Copy link" text={() => location.href} />
    </p>
  )
}

/** What the event has in each field, with buttons that narrow the list to that, or omit it. */
function Fields({ fields, filter }: { fields: Subject['fields']; filter: Signal<string> }) {
  const add = (term: string): void => {
    filter.value = addTerm(filter.value, term)
  }
  return (
    <table class="fields">
      <tbody>
        {fieldNames.map((field) => {
          const value = fields[field] ?? ''
          if (value === '') return null
          const label = labelOf(field)
          return (
            <tr key={field}>
              <th scope="row">{label}</th>
              <td>
                <bdi>{escapeUnprintable(value)}</bdi>
              </td>
              <td>
                <button
                  type="button"
                  aria-label={`only this ${label}`}
                  onClick={() => add(termOf(field, value))}
                >
                  only
                </button>
                <button
                  type="button"
                  aria-label={`not this ${label}`}
                  onClick={() => add(termOf(field, value, false))}
                >
                  not
                </button>
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

function labelOf(field: FieldName): string {
  return field === 'exec' ? 'process' : field
}
