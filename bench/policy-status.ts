import { setTimeout as delay } from 'node:timers/promises'
import { fields } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal } from './figures.ts'
import { OperatorProcess } from './operator-process.ts'
import { SimulatedAgents } from './simulated-agents.ts'

const policyPath = '/apis/cilium.io/v1alpha1/tracingpolicies'
const [nodes, policies] = [5000, 100]
/** Default limit of the chart. */
const limitMiB = 128
/** Of an average policy, in characters. */
const specLength = 3000
const spec = { kprobes: [{ call: 'x'.repeat(specLength) }] }

/** Writes of a scenario, in the seconds since its start. */
class Writes {
  readonly reports: number[] = []
  readonly statuses: number[] = []
  readonly #started = performance.now()

  get seconds(): number {
    return (performance.now() - this.#started) / 1000
  }

  add(kind: 'reports' | 'statuses'): void {
    const second = Math.floor(this.seconds)
    this[kind][second] = (this[kind][second] ?? 0) + 1
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0)

/** What happens to a cluster, step by step. */
type Scenario = (agents: SimulatedAgents) => Promise<void>

const nodeNames = Array.from({ length: nodes }, (_, i) => `node-${i}`)

/** Scenarios in order; each begins when all statuses are right. */
const scenarios: Readonly<Record<string, Scenario>> = {
  'all agents start at the same time': async (agents) => {
    for (let i = 0; i < policies; i++) agents.apply(`policy-${i}`, spec)
    for (const node of nodeNames) agents.start(node)
  },
  'a policy is applied': async (agents) => agents.apply('another', spec),
  'the DaemonSet is rolled out, 500 nodes at a time': async (agents) => {
    for (let from = 0; from < nodes; from += 500) {
      const batch = nodeNames.slice(from, from + 500)
      for (const node of batch) agents.end(node)
      await delay(10_000)
      for (const node of batch) agents.start(node)
      await delay(5000)
    }
  },
  '100 nodes a minute leave and others join, for two minutes': async (agents) => {
    for (let i = 0; i < 200; i++) {
      agents.end(nodeNames[i])
      agents.start(`new-${i}`)
      await delay(600)
    }
  },
}

/** The load of an API server by the status of policies. */
export const policyStatus: Benchmark = {
  name: 'policy-status',
  summary: `requests for the status of ${policies} policies on ${nodes} simulated nodes`,
  onlyAsked: 'it takes 15 minutes',
  async run({ progress }) {
    const server = await FakeApiServer.start()
    const agents = new SimulatedAgents(server)
    let writes = new Writes()
    let eventBytes = 0
    server.intercept = ({ method, path, body }) => {
      server.requests.length = 0
      if (method === 'GET') return undefined
      const isStatus = path === policyPath
      writes.add(isStatus ? 'statuses' : 'reports')
      if (isStatus) {
        eventBytes = JSON.stringify(body).length
        agents.see(Number(fields(body?.status).nodes))
      }
      return undefined
    }
    const rows: string[][] = []
    try {
      const account = '--agent-service-account=kube-system/tetragon'
      const options = ['--skip-crd-creation', '--skip-pod-info-crd', account]
      await using operator = new OperatorProcess(server.url, ...options)
      for (const [name, scenario] of Object.entries(scenarios)) {
        progress(name)
        writes = new Writes()
        await scenario(agents)
        const over = writes.seconds
        while (!isRight(server, agents.size)) {
          operator.check()
          await delay(100)
        }
        const { reports, statuses } = writes
        rows.push([
          name,
          figure(over),
          figure(writes.seconds - over),
          ...[count(sum(reports)), count(most(reports))],
          ...[count(sum(statuses)), count(most(statuses))],
          count(Math.round((sum(statuses) * nodes) / writes.seconds)),
          figure(operator.peakMiB),
        ])
      }
      const isMet = operator.peakMiB < limitMiB
      const memory = `Memory of the operator: ${figure(operator.peakMiB)} MiB at most`
      const size = `an event has ${count(eventBytes)} bytes`
      return {
        tables: [{ title: '', head, rows }],
        notes: [
          `${memory} (goal ${goal(`< ${limitMiB}`, isMet)}).`,
          `Each write of a status is a watch event for each agent; ${size}.`,
        ],
      }
    } finally {
      agents.close()
      server.close()
    }
  },
}

const head = [
  'what happens',
  'seconds',
  'then until all statuses are right',
  'writes of agents',
  'most per second',
  'writes of the operator',
  'most per second',
  'watch events per second',
  'operator, MiB',
]

/** Whether the status of each policy has all agents. */
function isRight(server: FakeApiServer, agents: number): boolean {
  return server.keys(policyPath).every((name) => {
    const status = fields(server.get(policyPath, name)?.status)
    return status.nodes === agents && status.enabled === agents
  })
}
