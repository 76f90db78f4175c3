import type { Inspect, RequestOf, ResponseOf } from '@tetragon-ts/api'
import type { ValuesOf } from '@tetragon-ts/service/options'
import { onInterrupt } from '../events/interrupt.ts'
import type { WatchName } from './agent-client.ts'
import type { AgentAnswer, Agents } from './agents.ts'
import type { connectionOptions } from './connection-options.ts'
import { withAgent } from './with-agent.ts'

type Rpcs = (typeof Inspect)['rpcs']

/** Passes the agent's responses to `take` until it returns false or an interrupt arrives. */
export async function watchAgent<Name extends WatchName>(
  values: ValuesOf<typeof connectionOptions>,
  name: Name,
  request: RequestOf<Rpcs[Name]>,
  take: (response: ResponseOf<Rpcs[Name]>) => boolean | Promise<boolean>,
): Promise<void> {
  await untilInterrupt(async (signal) => {
    await withAgent(values, async (agent) => {
      for await (const response of agent.watch(name, request, signal)) {
        if (!(await take(response))) break
      }
    })
  })
}

/** The same for several agents: passes on the responses of one interval at a time. */
export async function watchAgents<Name extends WatchName>(
  agents: Agents,
  name: Name,
  request: RequestOf<Rpcs[Name]>,
  take: (answers: AgentAnswer<ResponseOf<Rpcs[Name]>>[]) => boolean,
): Promise<void> {
  await untilInterrupt(async (signal) => {
    for await (const answers of agents.watch(name, request, signal)) {
      if (!take(answers)) break
    }
  })
}

async function untilInterrupt(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupt = new AbortController()
  const restore = onInterrupt(() => interrupt.abort())
  try {
    await work(interrupt.signal)
  } finally {
    restore()
  }
}
