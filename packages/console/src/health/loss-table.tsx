import { escapeUnprintable } from '@tetragon-ts/api'
import { Fragment } from 'preact'
import { lossKinds } from '../losses/loss-kinds.ts'
import type { RunningAgent } from './agent-health.ts'
import type { HealthModel } from './health-model.ts'

/** What was lost since the start of an agent, by kind. */
export function LossTable({ agent, model }: { agent: RunningAgent; model: HealthModel }) {
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
              const grown = model.losses.growth.grown(node, kind)
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
