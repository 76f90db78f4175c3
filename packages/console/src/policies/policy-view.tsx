import { escapeUnprintable } from '@tetragon-ts/api'
import { useEffect } from 'preact/hooks'
import { lazy } from '../page/lazy.tsx'
import type { Lead } from '../page/lead.ts'
import { memoryText } from '../page/memory-text.ts'
import { span } from '../page/span.ts'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import { newPolicy } from './editor/examples.ts'
import { EventCount } from './event-count.tsx'
import { HowToAllow, PolicyDetail } from './policy-detail.tsx'
import type { PolicyEvents } from './policy-events.ts'
import { countsText } from './policy-hooks.ts'
import { policyKeys } from './policy-keys.ts'
import { actionCounts, isInTrouble, type ListedPolicy, modeText, stateText } from './policy-list.ts'
import type { PolicyModel } from './policy-model.ts'

const EditorPane = lazy(async () => (await import('./editor/editor-pane.tsx')).EditorPane)

interface ViewProperties {
  readonly model: PolicyModel
  readonly events: PolicyEvents
  readonly link: WorkerLink
  readonly time: TimeModel
  readonly lead: Lead
}

/** The policies of all agents: whether they work, and what they have done; and an editor. */
export function policyView(properties: ViewProperties): View {
  const { model } = properties
  return {
    path: '/policies',
    name: 'Policies',
    keys: policyKeys,
    state: () => ({
      id: model.selected.value,
      hook: model.openHook.value,
      edit: model.editor.draft.value ? 'new' : '',
    }),
    restore(read) {
      model.select(read('id'))
      model.openHook.value = read('hook')
      model.editor.restore(read('edit') !== '')
    },
    render: () => <Policies {...properties} />,
  }
}

function Policies({ model, events, link, time, lead }: ViewProperties) {
  useEffect(() => events.watch(), [events])
  const isEditing = model.editor.draft.value !== undefined
  useKeys<keyof typeof policyKeys>({
    Escape: () => model.select(''),
    n: () => isEditing || model.editor.open(newPolicy),
  })
  return (
    <main class="view">
      {model.hasAgents.value ? (
        <AgentReports model={model} />
      ) : (
        <p class="empty">
          Recorded files have no agent, and so no policies. You can write one, and see what it would
          have matched.
        </p>
      )}
      <TimeLine model={time} link={link} />
      {isEditing ? (
        <EditorPane model={model} onOpenEvent={(id) => lead.toEvent(id)} />
      ) : (
        <List model={model} events={events} lead={lead} />
      )}
    </main>
  )
}

/** What is wrong with agents, and what they have lost; as long as it is there, they are asked. */
function AgentReports({ model }: { readonly model: PolicyModel }) {
  useEffect(() => model.watch(), [model])
  const failure = model.failure.value
  return (
    <>
      {failure !== undefined && <p class="refusal">{escapeUnprintable(failure)}</p>}
      {model.missing.value.map(({ node, reason }) => (
        <p key={node} class="refusal">
          <bdi>{escapeUnprintable(node)}</bdi>: <bdi>{escapeUnprintable(reason)}</bdi>
        </p>
      ))}
      <Losses model={model} />
    </>
  )
}

interface ListProperties {
  readonly model: PolicyModel
  readonly events: PolicyEvents
  readonly lead: Lead
}

/** The table of policies, and the detail of one. */
function List({ model, events, lead }: ListProperties) {
  const hasSpan = span.value !== undefined
  const policies = model.policies.value
  const isAnswered = model.failure.value === undefined
  const chosen = policies.find(({ key }) => key === model.selected.value)
  return (
    <>
      <div class="bar">
        <button type="button" onClick={() => model.editor.open(newPolicy)}>
          New policy (n)
        </button>
      </div>
      <HowToAllow model={model} />
      {isAnswered && policies.length === 0 && (
        <p class="empty">
          No policies: write one here, or add one with “tetra tracingpolicy add FILE”.
        </p>
      )}
      <div class="panes">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
        <div class="scroll wide" tabIndex={0}>
          {policies.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th>Policy</th>
                  <th>State</th>
                  <th>Mode</th>
                  {hasSpan && <th>Events in the span</th>}
                  <th>{hasSpan ? 'Done since loaded' : 'Done'}</th>
                  <th>Kernel memory</th>
                </tr>
              </thead>
              <tbody>
                {policies.map((policy) => (
                  <PolicyRow key={policy.key} policy={policy} model={model} events={events} />
                ))}
              </tbody>
            </table>
          )}
        </div>
        {chosen && <PolicyDetail policy={chosen} model={model} events={events} lead={lead} />}
      </div>
    </>
  )
}

function Losses({ model }: { readonly model: PolicyModel }) {
  const losses = Object.entries(model.losses.value)
  if (losses.length === 0) return null
  const texts = losses.map(([kind, count]) => `${kind} ${count}`)
  return (
    <p class="empty missing">
      Lost since the start of the agent: {escapeUnprintable(texts.join(', '))}
    </p>
  )
}

interface Properties {
  readonly policy: ListedPolicy
  readonly model: PolicyModel
  readonly events: PolicyEvents
}

function PolicyRow({ policy, model, events }: Properties) {
  const { key, name, namespace, domain, nodes } = policy
  const isChosen = key === model.selected.value
  const memory = Math.max(...nodes.map(({ status }) => Number(status.kernel_memory_bytes ?? 0)))
  return (
    <tr class={nodes.some(({ status }) => isInTrouble(status)) ? 'missing' : ''}>
      <td>
        <button
          type="button"
          class="link"
          aria-expanded={isChosen}
          onClick={() => {
            model.select(isChosen ? '' : key)
          }}
        >
          <bdi>{escapeUnprintable(namespace === '' ? name : `${namespace}/${name}`)}</bdi>
        </button>{' '}
        {domain !== '' && <small>{escapeUnprintable(domain)}</small>}
      </td>
      <td>{countTexts(nodes.map(({ status }) => stateText(status)))}</td>
      <td>{countTexts(nodes.map(({ status }) => modeText(status)))}</td>
      {span.value !== undefined && (
        <td>
          <EventCount count={events.of(name)} />
        </td>
      )}
      <td>{countsText(actionCounts(nodes))}</td>
      <td>{memory === 0 ? '' : memoryText(memory)}</td>
    </tr>
  )
}

/** Each text once, with the number of nodes that have it if they differ. */
function countTexts(texts: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  const entries = [...counts]
  if (entries.length === 1) return entries[0][0]
  return entries.map(([text, count]) => `${text} on ${count}`).join(', ')
}
