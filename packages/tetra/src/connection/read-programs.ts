import type {
  AnnotatedHook,
  GetPolicyProgramsRequest,
  GetPolicyProgramsResponse,
} from '@tetragon-ts/api'
import type { AgentAnswer, Agents } from './agents.ts'

/** The hooks of a policy on a node, with all their annotated programs. */
export type HooksAnswer = AgentAnswer<readonly AnnotatedHook[]>

/**
 * Reads the annotated programs of a policy from all agents.
 * @throws ConnectionError, ClusterError
 */
export async function readPrograms(
  agents: Pick<Agents, 'call'>,
  request: GetPolicyProgramsRequest,
): Promise<HooksAnswer[]> {
  const answers = await agents.call('GetPolicyPrograms', request)
  const read: HooksAnswer[] = []
  for (const first of answers) read.push(await readAll(agents, request, first))
  return read
}

/** How often the programs are read again because the policy was loaded again in between. */
const restartsMax = 3

/** Calls until there is no more. */
async function readAll(
  agents: Pick<Agents, 'call'>,
  request: GetPolicyProgramsRequest,
  first: AgentAnswer<GetPolicyProgramsResponse>,
): Promise<HooksAnswer> {
  const { node } = first
  const read: GetPolicyProgramsResponse[] = []
  let answer: AgentAnswer<GetPolicyProgramsResponse> | undefined = first
  let position = 0
  let restarts = 0
  while (answer?.response !== undefined) {
    const { response } = answer
    const { next_position: end = 0 } = response
    if (read.length > 0 && response.generation !== read[0].generation) {
      if (++restarts > restartsMax) return { node, failure: 'the policy is loaded again and again' }
      read.length = 0
      position = 0
    } else {
      read.push(response)
      if (end === 0) return { node, response: joined(read) }
      if (end <= position) return { node, failure: 'the agent repeats its answers' }
      position = end
    }
    const next: AgentAnswer<GetPolicyProgramsResponse>[] = await agents.call(
      'GetPolicyPrograms',
      { ...request, position },
      node,
    )
    answer = next[0]
  }
  return { node, failure: answer?.failure ?? 'the node has left the cluster' }
}

function joined(responses: readonly GetPolicyProgramsResponse[]): AnnotatedHook[] {
  const hooks: AnnotatedHook[] = []
  for (const { continued, ...hook } of responses.flatMap((each) => each.hooks ?? [])) {
    const last = hooks.at(-1)
    if (!continued || last === undefined) hooks.push(hook)
    else hooks[hooks.length - 1] = { ...last, programs: [...programsOf(last), ...programsOf(hook)] }
  }
  return hooks
}

function programsOf({ programs = [] }: AnnotatedHook) {
  return programs
}
