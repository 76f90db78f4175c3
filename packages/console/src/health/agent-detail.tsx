import { escapeUnprintable } from '@tetragon-ts/api'
import { Fragment } from 'preact'
import { DetailPane } from '../page/detail-pane.tsx'
import { type Memory, type RunningAgent, sumOf } from './agent-health.ts'
import type { ObservedAgent } from './agent-history.ts'
import { agentName } from './agent-name.ts'
import type { HealthModel } from './health-model.ts'
import { lossKinds } from './loss-kinds.ts'
import { memoryText } from './memory-text.ts'

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
        <dt>Events here</dt>
        <dd>{events?.events ?? 0}</dd>
        <dt>Dropped for this page</dt>
        <dd class={events?.lost ? 'missing' : ''}>{events?.lost ?? 0}</dd>
      </dl>
      {agent.missing === undefined && <Reported agent={agent} model={model} />}
    </DetailPane>
  )
}

function Reported({ agent, model }: { agent: RunningAgent; model: HealthModel }) {
  const { policies, maps, unreported } = agent
  return (
    <>
      <Losses agent={agent} model={model} />
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

function Losses({ agent, model }: { agent: RunningAgent; model: HealthModel }) {
  const { node, losses } = agent
  if (losses === undefined) return null
  const kinds = Object.entries(losses)
  const lost = kinds.filter(([, count]) => count > 0n)
  const others = kinds.filter(([, count]) => count === 0n)
  return (
    <>
      <h2>Lost since the start of the agent</h2>
      {lost.length === 0 ? (
        <p>Nothing.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th>Kind</th>
              <th>Where</th>
              <th>What</th>
              <th class="number">Lost</th>
            </tr>
          </thead>
          <tbody>
            {lost.map(([kind, count]) => {
              const grown = model.growth.grown(node, kind)
              const { stage = '', text = '' } = lossKinds.get(kind) ?? {}
              return (
                <tr key={kind} class={grown > 0n ? 'missing' : ''}>
                  <td>{escapeUnprintable(kind)}</td>
                  <td>{stage}</td>
                  <td>{text}</td>
                  <td class="number">
                    {`${count}`}
                    {grown > 0n && ` (+${grown} since the page was opened)`}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
      {others.length > 0 && (
        <details>
          <summary>Kinds without losses: {others.length}</summary>
          <dl class="facts">
            {others.map(([kind]) => (
              <Fragment key={kind}>
                <dt>{escapeUnprintable(kind)}</dt>
                <dd>{kindText(kind)}</dd>
              </Fragment>
            ))}
          </dl>
        </details>
      )}
    </>
  )
}

function kindText(kind: string): string {
  const known = lossKinds.get(kind)
  return known === undefined ? 'unknown to this page' : `${known.stage}: ${known.text}`
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
