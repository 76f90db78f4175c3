import type {
  GetHealthStatusResponse,
  GetLossesResponse,
  GetMapsResponse,
  GetVersionResponse,
  ListTracingPoliciesResponse,
} from '@tetragon-ts/api'
import { type Losses, lossesOf } from '../losses/losses.ts'
import type { Answer } from '../page/call.ts'
import { type AgentWork, workOf } from './agent-work.ts'

/** What the agents have answered, by call; the health first. */
export interface HealthAnswers {
  readonly health: readonly Answer<GetHealthStatusResponse>[]
  readonly version: readonly Answer<GetVersionResponse>[]
  readonly policies: readonly Answer<ListTracingPoliciesResponse>[]
  readonly losses: readonly Answer<GetLossesResponse>[]
  readonly maps: readonly Answer<GetMapsResponse>[]
}

/** Kernel memory of something. */
export interface Memory {
  readonly name: string
  readonly bytes: number
}

/** An agent that answers. */
export interface RunningAgent {
  readonly node: string
  readonly missing?: undefined
  /** As `tetra status` shows it: `running`; empty: not reported. */
  readonly health: string
  readonly isHealthy: boolean
  /** Empty: not reported. */
  readonly version: string
  /** Memory of each policy; undefined: not reported. */
  readonly policies: readonly Memory[] | undefined
  /** By kind, since the start of the agent; undefined: not reported. */
  readonly losses: Losses | undefined
  /** Undefined: not reported. */
  readonly work: AgentWork | undefined
  /** Memory of its maps, those of policies too; undefined: not reported. */
  readonly maps: readonly Memory[] | undefined
  /** What it does not report, and why. */
  readonly unreported: readonly { readonly name: string; readonly reason: string }[]
}

/** An agent that does not answer. */
export interface AgentWithoutAnswer {
  readonly node: string
  /** Why. */
  readonly missing: string
}

export type AgentHealth = RunningAgent | AgentWithoutAnswer

/** What each agent says about itself. */
export function agentsOf(answers: HealthAnswers): readonly AgentHealth[] {
  return answers.health.map(({ node }) => agentOf(node, answers))
}

function agentOf(node: string, answers: HealthAnswers): AgentHealth {
  const all = Object.values(answers)
    .flat()
    .filter((each) => each.node === node)
  const [{ failure }] = all
  if (failure !== undefined && all.every(({ response }) => response === undefined)) {
    return { node, missing: failure }
  }
  const unreported: { name: string; reason: string }[] = []
  const take = <R>(name: string, all: readonly Answer<R>[]): R | undefined => {
    const found = all.find((each) => each.node === node)
    if (found?.response === undefined) {
      unreported.push({ name, reason: found?.failure ?? 'it has not answered' })
    }
    return found?.response
  }
  const states = take('health', answers.health)?.health_status ?? []
  const version = take('version', answers.version)?.version ?? ''
  const policies = policiesOf(take('policies', answers.policies))
  const counted = take('losses', answers.losses)
  return {
    node,
    health: states.map(({ details = '' }) => details).join(', '),
    isHealthy: states.every(({ status }) => status === 'HEALTH_STATUS_RUNNING'),
    version,
    policies,
    losses: lossesOf(counted),
    work: workOf(counted),
    maps: memoryOfMaps(take('maps', answers.maps)),
    unreported,
  }
}

function policiesOf(response: ListTracingPoliciesResponse | undefined): Memory[] | undefined {
  return response && (response.policies ?? []).map(memoryOfPolicy)
}

type Policy = NonNullable<ListTracingPoliciesResponse['policies']>[number]

function memoryOfPolicy({ name = '', namespace = '', kernel_memory_bytes = 0 }: Policy): Memory {
  const fullName = namespace === '' ? name : `${namespace}/${name}`
  return { name: fullName, bytes: Number(kernel_memory_bytes) }
}

/** The largest first. */
function memoryOfMaps(response: GetMapsResponse | undefined): Memory[] | undefined {
  if (response === undefined) return undefined
  return (response.maps ?? [])
    .map(({ name = '', memory_bytes = 0 }) => ({ name, bytes: Number(memory_bytes) }))
    .sort((a, b) => b.bytes - a.bytes)
}

/** Bytes of all. */
export function sumOf(memory: readonly Memory[]): number {
  return memory.reduce((sum, { bytes }) => sum + bytes, 0)
}
