import { escapeUnprintable } from '@tetragon-ts/api'
import type { LostInSpan } from '../losses/loss-history.ts'
import { memoryText } from '../page/memory-text.ts'
import { span } from '../page/span.ts'
import { durationText, timeText } from '../store/time-text.ts'
import { sumOf } from './agent-health.ts'
import type { ObservedAgent } from './agent-history.ts'
import { agentName, keyOf } from './agent-name.ts'
import { type AgentWork, fillText, fullestQueue, isCrowded, queueText } from './agent-work.ts'
import type { HealthModel } from './health-model.ts'

interface Properties {
  readonly observed: ObservedAgent
  readonly model: HealthModel
}

/** An agent in the table: whether it answers, and what it has lost. */
export function AgentRow({ observed, model }: Properties) {
  const { agent, changedAt } = observed
  const { node } = agent
  const key = keyOf(agent)
  const isChosen = key === model.selected.value
  const since = changedAt === undefined ? '' : ` since ${timeText(changedAt)}`
  const name = (
    <td>
      <button
        type="button"
        class="link"
        aria-expanded={isChosen}
        onClick={() => {
          model.selected.value = isChosen ? '' : key
        }}
      >
        <bdi>{agentName(agent, model)}</bdi>
      </button>
    </td>
  )
  if (agent.missing !== undefined) {
    return (
      <tr class="missing">
        {name}
        <td colSpan={8}>
          missing{since}: <bdi>{escapeUnprintable(agent.missing)}</bdi>
        </td>
      </tr>
    )
  }
  const { health, isHealthy, version, losses, policies, work } = agent
  const kinds = Object.entries(losses ?? {})
  const lost = kinds.reduce((sum, [, count]) => sum + count, 0n)
  const grown = kinds.reduce((sum, [kind]) => sum + model.losses.growth.grown(node, kind), 0n)
  return (
    <tr class={isHealthy ? '' : 'missing'}>
      {name}
      <td>
        <bdi>{escapeUnprintable(health) || 'not reported'}</bdi>
        {since}
      </td>
      <td>
        <bdi>{escapeUnprintable(version) || 'not reported'}</bdi>
      </td>
      <td class="number">
        {work === undefined ? <NotReported /> : durationText(Date.now() - work.startedAt)}
      </td>
      <td class="number">
        {span.value === undefined
          ? Math.round(model.nodeOf(agent)?.perSecond ?? 0)
          : model.eventsInSpan(agent)}
      </td>
      <td>
        <FullestQueue work={work} />
      </td>
      <td class="number">{losses === undefined ? <NotReported /> : `${lost}`}</td>
      {losses !== undefined && span.value !== undefined ? (
        <SpanLosses lost={model.losses.history.lostIn(node, span.value)} />
      ) : (
        <td class={grown > 0n ? 'number missing' : 'number'}>
          {losses === undefined ? '' : `+${grown}`}
        </td>
      )}
      <td class="number">
        {policies === undefined ? <NotReported /> : memoryText(sumOf(policies))}
      </td>
    </tr>
  )
}

/** Agents of the original report less. */
function NotReported() {
  return <small>not reported</small>
}

function FullestQueue({ work }: { readonly work: AgentWork | undefined }) {
  const queue = work && fullestQueue(work.queues)
  if (queue === undefined) return <NotReported />
  return (
    <span class={isCrowded(queue) ? 'missing' : ''}>
      {fillText(queue)} <small>{escapeUnprintable(queueText(queue))}</small>
    </span>
  )
}

function SpanLosses({ lost }: { readonly lost: LostInSpan | undefined }) {
  if (lost === undefined) {
    return (
      <td class="number">
        <small>no history</small>
      </td>
    )
  }
  const sum = Object.values(lost.losses).reduce((all, count) => all + count, 0n)
  return <td class={sum > 0n ? 'number missing' : 'number'}>{`${sum}`}</td>
}
