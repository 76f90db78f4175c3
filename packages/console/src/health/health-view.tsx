import { useEffect } from 'preact/hooks'
import { span } from '../page/span.ts'
import { useKeys } from '../page/use-keys.ts'
import type { View } from '../page/view.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import { TimeLine } from '../time/time-line.tsx'
import type { TimeModel } from '../time/time-model.ts'
import { AgentDetail } from './agent-detail.tsx'
import { keyOf } from './agent-name.ts'
import { AgentRow } from './agent-row.tsx'
import { healthKeys } from './health-keys.ts'
import type { HealthModel } from './health-model.ts'

interface Properties {
  readonly model: HealthModel
  readonly link: WorkerLink
}

interface ViewProperties extends Properties {
  readonly time: TimeModel
}

/** Whether the agents answer, and whether they and the page keep up with the events. */
export function healthView(properties: ViewProperties): View {
  const { model } = properties
  return {
    path: '/health',
    name: 'Health',
    keys: healthKeys,
    state: () => ({ id: model.selected.value }),
    restore(read) {
      model.selected.value = read('id')
    },
    render: () => <Health {...properties} />,
  }
}

function Health({ model, link, time }: ViewProperties) {
  useEffect(() => model.watch(), [model])
  useKeys<keyof typeof healthKeys>({
    Escape: () => {
      model.selected.value = ''
    },
  })
  return (
    <main class="view">
      <TimeLine model={time} link={link} />
      <Page model={model} link={link} />
      {span.value !== undefined && model.hasAgents.value && (
        <p class="empty">
          Events and losses are those of the selected span. Everything else has no history: it is
          shown as it is now.
        </p>
      )}
      {model.hasAgents.value ? (
        <Agents model={model} />
      ) : (
        <p class="empty">
          Recorded files have no agent. To see how agents are, start “tetra console” without --log.
        </p>
      )}
    </main>
  )
}

function Agents({ model }: Pick<Properties, 'model'>) {
  const agents = model.agents.value
  const hasSpan = span.value !== undefined
  const chosen = agents.find(({ agent }) => keyOf(agent) === model.selected.value)
  return (
    <div class="panes">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
      <div class="scroll wide" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>Agent</th>
              <th>State</th>
              <th>Version</th>
              <th class="number">Uptime</th>
              <th class="number">{hasSpan ? 'Events in the span' : 'Events/s'}</th>
              <th>Fullest queue</th>
              <th class="number">Lost</th>
              <th class="number">{hasSpan ? 'Lost in the span' : 'Since page opened'}</th>
              <th class="number">Memory of policies</th>
            </tr>
          </thead>
          <tbody>
            {agents.map((observed) => (
              <AgentRow key={observed.agent.node} observed={observed} model={model} />
            ))}
          </tbody>
        </table>
      </div>
      {chosen && <AgentDetail observed={chosen} model={model} />}
    </div>
  )
}

/** What the page itself has dropped. */
function Page({ model, link }: Properties) {
  const summary = model.summary.value
  const { kept } = link.summary.value
  if (summary === undefined) return <p class="empty">Asking the agents…</p>
  const { dropped, undecoded, nodes } = summary
  const slow = nodes.reduce((sum, { lost }) => sum + lost, 0)
  const texts = [
    `${dropped.events} older events and ${dropped.processes} processes dropped to save memory`,
    `${undecoded} events not decoded`,
    `${slow} events dropped by agents because the page was too slow`,
  ]
  const isAlarm = undecoded + slow > 0
  return (
    <p class={isAlarm ? 'empty missing' : 'empty'}>
      This page: {kept} events kept, {texts.join(', ')}.
    </p>
  )
}
