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

/** Calls until there is no more. A policy that is loaded again in between is read again. */
async function readAll(
  agents: Pick<Agents, 'call'>,
  request: GetPolicyProgramsRequest,
  first: AgentAnswer<GetPolicyProgramsResponse>,
): Promise<HooksAnswer> {
  const { node } = first
  const read: GetPolicyProgramsResponse[] = []
  let answer: AgentAnswer<GetPolicyProgramsResponse> | undefined = first
  while (answer?.response !== undefined) {
    const { response } = answer
    const isOther = read.length > 0 && response.generation !== read[0].generation
    if (isOther) read.length = 0
    else read.push(response)
    const position = isOther ? 0 : (response.next_position ?? 0)
    if (!isOther && position === 0) return { node, response: joined(read) }
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
