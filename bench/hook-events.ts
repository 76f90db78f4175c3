import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { workload } from '@tetragon-ts/test/workloads'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal, median } from './figures.ts'
import { allThreads, busiestThread, type ThreadTime } from './thread-times.ts'
import { WorkFiles } from './work-files.ts'

const run = promisify(execFile)
const rounds = 3
/** Operations that the ring holds, so that none of their events is lost. */
const burst = 2000
const bursts = 50
/** Until the agent has written the events of a burst. */
const settleMs = 60
/** Bursts until V8 has optimized the reader's code. */
const warmUpBursts = 15
const goalEvents = 500_000

const operations = {
  open: { calls: ['sys_openat', 'sys_read', 'sys_close'], what: 'open + read + close' },
  connect: { calls: ['sys_connect'], what: 'connect' },
  send: { calls: ['sys_connect', 'sys_sendto'], what: 'connect + send' },
} as const
type Operation = keyof typeof operations

const args: Readonly<Record<string, string>> = {
  sys_openat: '[{index: 1, type: string}, {index: 2, type: int}]',
  sys_read: '[{index: 0, type: fd}, {index: 2, type: size_t}]',
  sys_close: '[{index: 0, type: fd}]',
  sys_connect: '[{index: 0, type: int}, {index: 1, type: sockaddr}]',
  sys_sendto: '[{index: 0, type: int}, {index: 2, type: size_t}]',
}

interface Cost {
  readonly events: number
  readonly readerNs: number
  readonly agentNs: number
}

/** What a posted event of a policy costs the agent, from the ring to the file. */
export const hookEvents: Benchmark = {
  name: 'hook-events',
  summary:
    'events of policies on files and sockets from the ring into a file: CPU time of the agent',
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const names = Object.keys(operations) as Operation[]
    const costs = Object.fromEntries(names.map((name) => [name, [] as Cost[]]))
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        progress(`${name}, round ${round + 1} of ${rounds}`)
        costs[name].push(await measure(files, name))
      }
    }
    const per = (name: Operation, of: 'readerNs' | 'agentNs'): number =>
      median(costs[name].map((cost) => cost[of] / cost.events))
    const rate = 1e9 / per('open', 'readerNs')
    return {
      tables: [
        {
          title: `CPU time per event, ns (median of ${rounds} alternating rounds)`,
          head: ['operation', 'events', 'reader thread', 'whole process', 'an operation, µs'],
          rows: names.map((name) => {
            const { calls, what } = operations[name]
            return [
              what,
              `${calls.length}`,
              figure(per(name, 'readerNs')),
              figure(per(name, 'agentNs')),
              figure((per(name, 'agentNs') * calls.length) / 1000),
            ]
          }),
        },
      ],
      notes: [
        `The reader has time for ${count(Math.round(rate))} events of files per second ` +
          `(${goal(`≥ ${count(goalEvents)}`, rate >= goalEvents)}).`,
        `Events come in bursts that the ring holds, so that none is lost; the file is rotated at 64 MB.`,
      ],
    }
  },
}

const policyOf = (calls: readonly string[], binary: string): string => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: hook-events}
spec:
  kprobes:
${calls
  .map(
    (call) => `  - call: ${call}
    syscall: true
    args: ${args[call]}
    selectors: [{matchBinaries: [{operator: In, values: [${JSON.stringify(binary)}]}]}]`,
  )
  .join('\n')}
`

async function measure(files: WorkFiles, operation: Operation): Promise<Cost> {
  const loop = await workload('hook-loop')
  const policy = files.path('policy.yaml')
  const { calls } = operations[operation]
  writeFileSync(policy, policyOf(calls, loop))
  const target = files.path('target')
  writeFileSync(target, 'content')
  const rotation = ['--export-file-max-size-mb', '64', '--export-file-max-backups', '1']
  const agent = await AgentProcess.start(files, { args: ['--tracing-policy', policy, ...rotation] })
  const sendBursts = async (number: number): Promise<void> => {
    for (let i = 0; i < number; i++) {
      await run(loop, [`${burst}`, operation, target])
      await delay(settleMs)
    }
  }
  let before: ThreadTime[]
  let after: ThreadTime[]
  let lost: string[] = []
  try {
    await sendBursts(warmUpBursts)
    before = agent.threadTimes()
    await sendBursts(bursts)
    after = agent.threadTimes()
  } finally {
    lost = await agent.stop()
  }
  if (lost.length > 0) throw new Error(`measure hook events: ${lost.join()}`)
  const events = bursts * burst * calls.length
  return { events, readerNs: busiestThread(before, after), agentNs: allThreads(before, after) }
}
