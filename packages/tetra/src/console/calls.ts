import type { IncomingMessage } from 'node:http'
import { status } from '@grpc/grpc-js'
import type { UnaryName, WatchName } from '../connection/agent-client.ts'
import type { AgentAnswer, Agents } from '../connection/agents.ts'
import { ConnectionError } from '../connection/connection-error.ts'

/** Procedures that the page may call; the others change something. */
export const readingCalls = [
  'GetHealth',
  'GetVersion',
  'ListTracingPolicies',
  'GetPolicies',
  'GetPolicyPrograms',
  'GetLosses',
  'GetMaps',
  'GetKernel',
] as const satisfies readonly UnaryName[]

/** Procedures of which the page gets the first two responses: what has happened between them. */
export const measuringCalls = ['WatchPrograms'] as const satisfies readonly WatchName[]

/** Procedures for a console that may change policies. */
export const changingCalls = [
  'AddTracingPolicy',
  'DeleteTracingPolicy',
  'ConfigureTracingPolicy',
] as const satisfies readonly UnaryName[]

/** Maximum bytes of a request of the page: a policy with a long list of values fits. */
const bodyMax = 8 << 20

/** Reads the JSON object of a request. @returns a text if there is none: the reason */
export async function readBody(request: IncomingMessage): Promise<object | string> {
  const pieces: Buffer[] = []
  let length = 0
  // Otherwise the end of the loop would close the connection, before the answer.
  const chunks: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false })
  for await (const piece of chunks) {
    length += piece.length
    if (length > bodyMax) return `the request has more than ${bodyMax} bytes`
    pieces.push(piece)
  }
  let value: unknown
  try {
    value = JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch (error) {
    return `the request is not JSON: ${(error as Error).message}`
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as object) : 'the request is not an object'
}

/**
 * Why a call is not passed on: descriptions of kernels have megabytes, so that one call may not
 * ask all nodes for them.
 */
export function refusalOfCall(
  name: UnaryName,
  request: object,
  node: string | undefined,
  { hasNodes }: Pick<Agents, 'hasNodes'>,
): string | undefined {
  const asksForFile = name === 'GetKernel' && 'with_description' in request
  return asksForFile && hasNodes && !node ? 'name the node whose kernel is described' : undefined
}

/**
 * Calls the agents. An agent that does not have the procedure, as those of the original, is one
 * that does not answer: the page can do without.
 * @param node only the agent of this node; undefined: all
 * @throws ConnectionError, ClusterError
 */
export async function answersOf(
  agents: Pick<Agents, 'call'>,
  name: UnaryName,
  request: object,
  node?: string,
): Promise<AgentAnswer<object>[]> {
  try {
    return await agents.call(name, request, node)
  } catch (error) {
    const isUnknown = error instanceof ConnectionError && error.status === status.UNIMPLEMENTED
    if (!isUnknown) throw error
    return [{ node: '', failure: error.message }]
  }
}
