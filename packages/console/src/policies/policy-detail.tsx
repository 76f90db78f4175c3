import { escapeUnprintable } from '@tetragon-ts/api'
import { DetailPane } from '../page/detail-pane.tsx'
import { escapeLines } from '../page/escape-lines.ts'
import type { Lead } from '../page/lead.ts'
import { SpanEvents } from './event-count.tsx'
import { HookTable } from './hook-table.tsx'
import type { PolicyEvents } from './policy-events.ts'
import { hooksOf } from './policy-hooks.ts'
import {
  isEnforced,
  type ListedPolicy,
  modeText,
  type PolicyOnNode,
  stateText,
} from './policy-list.ts'
import type { PolicyModel } from './policy-model.ts'
import { ProgramCostTable } from './program-cost-table.tsx'

interface Properties {
  readonly policy: ListedPolicy
  readonly model: PolicyModel
}

interface DetailProperties extends Properties {
  readonly events: PolicyEvents
  readonly lead: Lead
}

/** Everything about a policy, on each of its nodes. */
export function PolicyDetail({ policy, model, events, lead }: DetailProperties) {
  const yaml = model.texts.value.get(policy.key)
  return (
    <DetailPane label="Policy" onClose={() => model.select('')}>
      <div class="terms">
        {yaml !== undefined && (
          <button type="button" onClick={() => model.edit(policy, yaml)}>
            {model.allowsChanges.value ? 'Edit' : 'Edit a copy'}
          </button>
        )}
        {model.allowsChanges.value && <Changes policy={policy} model={model} />}
      </div>
      <HowToAllow model={model} />
      <Refusal model={model} />
      <SpanEvents name={policy.name} events={events} lead={lead} />
      {policy.nodes.map((each) => (
        <NodeDetail key={each.node} {...each} policy={policy} model={model} />
      ))}
      <ProgramCostTable policy={policy} model={model} />
      {yaml !== undefined && (
        <>
          <h2>Text</h2>
          <pre>{escapeLines(yaml)}</pre>
        </>
      )}
    </DetailPane>
  )
}

/** How the user can allow changes; recorded files have nothing to change. */
export function HowToAllow({ model }: { readonly model: PolicyModel }) {
  if (model.allowsChanges.value || !model.hasAgents.value) return null
  return (
    <p class="hint">
      Read-only: start <code>tetra console --allow-changes</code> to add, change and delete
      policies.
    </p>
  )
}

/** What can be done with a policy that is loaded. */
function Changes({ policy, model }: Properties) {
  return (
    <>
      <ModeChange policy={policy} model={model} />
      <button
        type="button"
        onClick={() => {
          if (confirm(`Delete the policy ${escapeUnprintable(policy.name)} from all nodes?`))
            model.delete(policy)
        }}
      >
        Delete
      </button>
    </>
  )
}

/** Absent for policies that enforce nothing in any mode. */
export function ModeChange({ policy, model }: Properties) {
  const modes = policy.nodes.map(({ status }) => status.mode)
  const enforces = isEnforced(policy)
  if (!enforces && !modes.includes('TP_MODE_MONITOR')) return null
  return (
    <button
      type="button"
      onClick={() => {
        const effect = enforces ? 'stops enforcing' : 'enforces'
        if (
          !confirm(
            `Change the mode? The policy ${escapeUnprintable(policy.name)} ${effect} on all nodes.`,
          )
        )
          return
        model.setMode(policy, enforces ? 'TP_MODE_MONITOR' : 'TP_MODE_ENFORCE')
      }}
    >
      {enforces ? 'Only monitor' : 'Enforce'}
    </button>
  )
}

function Refusal({ model }: { readonly model: PolicyModel }) {
  const refusal = model.refusal.value
  if (refusal === undefined) return null
  return <pre class="missing">{escapeLines(refusal)}</pre>
}

function NodeDetail({ node, status, policy, model }: PolicyOnNode & Properties) {
  const { error = '', stats } = status
  const hooks = hooksOf(status)
  const limit = BigInt(stats?.limit_reached_count ?? 0)
  const missed = stats?.missed_notifications ?? []
  return (
    <>
      <h2>
        {node !== '' && <bdi>{escapeUnprintable(node)}: </bdi>}
        {stateText(status)}, {modeText(status)}
      </h2>
      {error !== '' && <pre class="missing">{escapeLines(error)}</pre>}
      {limit > 0n && (
        <p class="missing">It has reached the limit of its processes {String(limit)} times.</p>
      )}
      {missed.map(({ hook = '', reason = '', count = 0 }) => (
        <p key={`${hook} ${reason}`} class="missing">
          <bdi>{escapeUnprintable(hook)}</bdi>: {String(count)} notifications without effect (
          {escapeUnprintable(reason)})
        </p>
      ))}
      {hooks.length > 0 && <HookTable policy={policy} node={node} hooks={hooks} model={model} />}
    </>
  )
}
