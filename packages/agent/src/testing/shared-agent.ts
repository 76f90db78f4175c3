import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { agentOptionsOf } from '../config/agent-options.ts'
import { Agent } from '../daemon/agent.ts'
import { LineFile } from './line-file.ts'
import { makeTestFolder } from './run-agent.ts'

/** An agent inside this process, and the file of its events. */
export interface AgentInProcess {
  /** Whether the agent has ended, by a test or by itself. */
  readonly isOver: boolean
  readonly agent: Agent
  readonly file: LineFile
  readonly folder: string
  /** Its options beyond those of all. */
  readonly options: readonly string[]
}

/** Name of the node in events of agents inside this process. */
export const testNode = 'test'

/** Kept for all agents of this process: reading it takes seconds on an emulated processor. */
const kernelTypes: { btf?: Btf } = {}

/** The agent that the last test has left, if agents are shared. */
const kept: { sharing: boolean; agent?: AgentInProcess } = { sharing: false }

/** From now on, agents serve several tests, one after the other, until {@link end}. */
export function share(): void {
  kept.sharing = true
}

/** Stops the agent that no test uses, if there is one. */
export async function end(): Promise<void> {
  const left = kept.agent
  delete kept.agent
  if (left) await stop(left)
}

/** Starts an agent, or takes one with the same options that another test has left. */
export async function takeAgent(options: readonly string[]): Promise<AgentInProcess> {
  const { agent: left } = kept
  if (left && String(left.options) === String(options)) {
    delete kept.agent
    return left
  }
  await end()
  kernelTypes.btf ??= Btf.open()
  const folder = makeTestFolder()
  const file = new LineFile(join(folder, 'events.json'))
  const argv = [
    ...['--export-filename', file.path, '--pid-file', join(folder, 'pid')],
    ...['--rb-size-total', '4M', '--tracing-policy-dir', '', '--enable-policy-filter'],
    // One file contains all events.
    ...['--export-file-max-size-mb', '1000000', ...options],
  ]
  const agent = await Agent.start(agentOptionsOf(argv, { NODE_NAME: testNode }))
  const used = { agent, file, folder, options, isOver: false }
  const markOver = (): void => {
    used.isOver = true
  }
  agent.ended.then(markOver, markOver)
  return used
}

/** Gives an agent back: it is stopped, or kept without policies for the next test. */
export async function leaveAgent(used: AgentInProcess): Promise<void> {
  if (!kept.sharing || used.isOver) return stop(used)
  const policies = await used.agent.policies()
  for (const policy of [...policies.loaded]) await policies.remove(policy)
  await end()
  kept.agent = used
}

async function stop({ agent, file, folder }: AgentInProcess): Promise<void> {
  await agent.stop()
  file.close()
  rmSync(folder, { recursive: true, force: true })
}
