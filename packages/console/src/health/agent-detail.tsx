import { escapeUnprintable } from '@tetragon-ts/api'
import { Fragment } from 'preact'
import { DetailPane } from '../page/detail-pane.tsx'
import { memoryText } from '../page/memory-text.ts'
import { span } from '../page/span.ts'
import { durationText, timeText } from '../store/time-text.ts'
import { type Memory, type RunningAgent, sumOf } from './agent-health.ts'
import type { ObservedAgent } from './agent-history.ts'
import { agentName } from './agent-name.ts'
import type { AgentWork } from './agent-work.ts'
import type { HealthModel } from './health-model.ts'
import { LossTable } from './loss-table.tsx'
import { QueueTable } from './queue-table.tsx'
import { SpanLossList } from './span-loss-list.tsx'

/** Maps that are listed, the largest ones. */
const mapsShown = 20

interface Properties {
  readonly observed: ObservedAgent
  readonly model: HealthModel
}

/** Everything that an agent reports about its work. */
export function AgentDetail({ observed: { agent }, model }: Properties) {
  const events = model.nodeOf(agent)
  return (
    <DetailPane
      label="Agent"
      onClose={() => {
        model.selected.value = ''
      }}
    >
      <h2>
        <bdi>{agentName(agent, model)}</bdi>
      </h2>
      {agent.missing !== undefined && (
        <p class="missing">
          <bdi>{escapeUnprintable(agent.missing)}</bdi>
        </p>
      )}
      <dl class="facts">
        {agent.missing === undefined && agent.work !== undefined && <Uptime work={agent.work} />}
        <dt>Events here</dt>
        <dd>{events?.events ?? 0}</dd>
        <dt>Dropped for this page</dt>
        <dd class={events?.lost ? 'missing' : ''}>{events?.lost ?? 0}</dd>
      </dl>
      {agent.missing === undefined && <Reported agent={agent} model={model} />}
    </DetailPane>
  )
}

function Uptime({ work: { startedAt, records } }: { readonly work: AgentWork }) {
  return (
    <>
      <dt>Started</dt>
      <dd>
        {timeText(startedAt)}, {durationText(Date.now() - startedAt)} ago
      </dd>
      <dt>Records of the kernel</dt>
      <dd>{records.toLocaleString('en')}</dd>
    </>
  )
}

function Reported({ agent, model }: { agent: RunningAgent; model: HealthModel }) {
  const { policies, maps, losses, work, unreported } = agent
  return (
    <>
      {span.value !== undefined && losses !== undefined && (
        <SpanLossList lost={model.losses.history.lostIn(agent.node, span.value)} />
      )}
      <LossTable agent={agent} model={model} />
      {work !== undefined && work.queues.length > 0 && <QueueTable queues={work.queues} />}
      {policies !== undefined && <MemoryTable title="Policies" memory={policies} />}
      {maps !== undefined && (
        <MemoryTable title={`Maps, ${memoryText(sumOf(maps))} in all`} memory={maps} />
      )}
      {unreported.length > 0 && (
        <>
          <h2>Not reported</h2>
          <dl class="facts">
            {unreported.map(({ name, reason }) => (
              <Fragment key={name}>
                <dt>{name}</dt>
                <dd>
                  <bdi>{escapeUnprintable(reason)}</bdi>
                </dd>
              </Fragment>
            ))}
          </dl>
        </>
      )}
    </>
  )
}

function MemoryTable({ title, memory }: { title: string; memory: readonly Memory[] }) {
  if (memory.length === 0) return null
  return (
    <>
      <h2>{title}</h2>
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th class="number">Kernel memory</th>
          </tr>
        </thead>
        <tbody>
          {memory.slice(0, mapsShown).map(({ name, bytes }, i) => (
            <tr key={`${name} ${i}`}>
              <td>
                <bdi>{escapeUnprintable(name)}</bdi>
              </td>
              <td class="number">{memoryText(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {memory.length > mapsShown && <small>and {memory.length - mapsShown} smaller ones</small>}
    </>
  )
}
