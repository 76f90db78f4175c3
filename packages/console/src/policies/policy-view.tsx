import { escapeUnprintable } from '@tetragon-ts/api'
import { useEffect } from 'preact/hooks'
import { DetailPane } from '../page/detail-pane.tsx'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import {
  actionCounts,
  isInTrouble,
  type ListedPolicy,
  modeText,
  type PolicyOnNode,
  stateText,
} from './policy-list.ts'
import type { PolicyModel } from './policy-model.ts'

/** The policies of all agents: whether they work, and what they have done. */
export function policyView(model: PolicyModel): View {
  return {
    ...{ path: '/policies', name: 'Policies' },
    state: () => ({ id: model.selected.value }),
    render: () => <Policies model={model} />,
  }
}

function Policies({ model }: { readonly model: PolicyModel }) {
  if (model.hasAgents.value) return <AgentPolicies model={model} />
  return (
    <main class="view">
      <p class="empty">
        Recorded files have no agent. To see policies, start “tetra console” without --log.
      </p>
    </main>
  )
}

function AgentPolicies({ model }: { readonly model: PolicyModel }) {
  useEffect(() => model.watch(), [model])
  useKeys({
    Escape: () => {
      model.selected.value = ''
    },
  })
  const policies = model.policies.value
  const failure = model.failure.value
  const chosen = policies.find(({ key }) => key === model.selected.value)
  return (
    <main class="view">
      {failure !== undefined && <p class="refusal">{failure}</p>}
      {model.missing.value.map(({ node, reason }) => (
        <p key={node} class="refusal">
          <bdi>{node}</bdi>: <bdi>{reason}</bdi>
        </p>
      ))}
      <Losses model={model} />
      {failure === undefined && policies.length === 0 && (
        <p class="empty">No policies: add one with “tetra tracingpolicy add FILE”.</p>
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
                  <th>Done</th>
                  <th>Kernel memory</th>
                </tr>
              </thead>
              <tbody>
                {policies.map((policy) => (
                  <PolicyRow key={policy.key} policy={policy} model={model} />
                ))}
              </tbody>
            </table>
          )}
        </div>
        {chosen && <PolicyDetail policy={chosen} model={model} />}
      </div>
    </main>
  )
}

function Losses({ model }: { readonly model: PolicyModel }) {
  const losses = Object.entries(model.losses.value)
  if (losses.length === 0) return null
  const texts = losses.map(([kind, count]) => `${kind} ${count}`)
  return <p class="empty missing">Lost since the start of the agent: {texts.join(', ')}</p>
}

interface Properties {
  readonly policy: ListedPolicy
  readonly model: PolicyModel
}

function PolicyRow({ policy, model }: Properties) {
  const { key, name, namespace, domain, nodes } = policy
  const isChosen = key === model.selected.value
  const done = Object.entries(actionCounts(nodes)).map(([action, count]) => `${action} ${count}`)
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
      <td>{done.join(', ')}</td>
      <td>{memory === 0 ? '' : `${Math.ceil(memory / 1024)} KiB`}</td>
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

function PolicyDetail({ policy, model }: Properties) {
  const yaml = model.texts.value.get(policy.key)
  return (
    <DetailPane
      label="Policy"
      onClose={() => {
        model.selected.value = ''
      }}
    >
      {model.allowsChanges.value && <Changes policy={policy} model={model} />}
      {policy.nodes.map((each) => (
        <NodeDetail key={each.node} {...each} />
      ))}
      {yaml !== undefined && (
        <>
          <h2>Text</h2>
          <pre>{yaml}</pre>
        </>
      )}
    </DetailPane>
  )
}

/** What can be done with a policy. */
function Changes({ policy, model }: Properties) {
  const isEnforced = policy.nodes.some(({ status }) => status.mode === 'TP_MODE_ENFORCE')
  const refusal = model.refusal.value
  return (
    <>
      <div class="terms">
        <button
          type="button"
          onClick={() => model.setMode(policy, isEnforced ? 'TP_MODE_MONITOR' : 'TP_MODE_ENFORCE')}
        >
          {isEnforced ? 'Only monitor' : 'Enforce'}
        </button>
        <button
          type="button"
          onClick={() => {
            if (confirm(`Delete the policy ${policy.name} from all nodes?`)) model.delete(policy)
          }}
        >
          Delete
        </button>
      </div>
      {refusal !== undefined && <p class="missing">{escapeUnprintable(refusal)}</p>}
    </>
  )
}

function NodeDetail({ node, status }: PolicyOnNode) {
  const { error = '', hook_statuses: hooks = [] } = status
  return (
    <>
      <h2>
        {node !== '' && <bdi>{node}: </bdi>}
        {stateText(status)}, {modeText(status)}
      </h2>
      {error !== '' && <pre class="missing">{escapeUnprintable(error)}</pre>}
      <ul>
        {hooks.map(({ section, hook_description: text = '', state }, i) => (
          <li key={`${section} ${i}`}>
            {section}: <bdi>{escapeUnprintable(text)}</bdi>
            {state !== 'STATUS_LOADED' && <small> {String(state)}</small>}
          </li>
        ))}
      </ul>
    </>
  )
}
