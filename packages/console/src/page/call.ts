import type {
  FineGuidanceSensors,
  Inspect,
  RequestOf,
  ResponseOf,
  WatchProgramsResponse,
} from '@tetragon-ts/api'

/** The procedures that the page calls. */
type Rpcs = Pick<
  (typeof FineGuidanceSensors)['rpcs'] & (typeof Inspect)['rpcs'],
  | 'AddTracingPolicy'
  | 'ConfigureTracingPolicy'
  | 'DeleteTracingPolicy'
  | 'GetHealth'
  | 'GetKernel'
  | 'GetLosses'
  | 'GetMaps'
  | 'GetPolicies'
  | 'GetPolicyPrograms'
  | 'GetVersion'
  | 'ListTracingPolicies'
>

/** The answer of an agent, or why there is none; the node of a single agent has no name. */
export type Answer<R> = { readonly node: string } & (
  | { readonly response: R; readonly failure?: undefined }
  | { readonly failure: string; readonly response?: undefined }
)

/**
 * Calls all agents.
 * @param node only the agent of this node; empty: the only agent
 * @throws Error with the reason for the user
 */
export type Call = <Name extends keyof Rpcs>(
  name: Name,
  request: RequestOf<Rpcs[Name]>,
  node?: string,
) => Promise<Answer<ResponseOf<Rpcs[Name]>>[]>

/** @param key see access-key.ts */
export function callWith(key: string, settings: Promise<Settings>): Call {
  return async (name, content, node = '') => {
    if (!(await settings).hasAgents) throw new Error('recorded files have no agent')
    const query = node === '' ? '' : `?node=${encodeURIComponent(node)}`
    return request(`${name}${query}`, content, key)
  }
}

async function request<R>(name: string, content: object, key: string): Promise<R> {
  let response: Response
  try {
    const body = JSON.stringify(content)
    const headers = { 'x-console-key': key }
    response = await fetch(`/api/call/${name}`, { method: 'POST', headers, body })
  } catch (error) {
    throw new Error(`tetra console does not answer: ${(error as Error).message}`)
  }
  if (!response.ok) throw new Error((await response.text()).trim())
  return response.json()
}

/**
 * Measures what the kernel programs of all agents do in a second.
 * @returns the answers before and after
 */
export type Measure = () => Promise<Answer<WatchProgramsResponse>[][]>

/** @param key see access-key.ts */
export function measureWith(key: string): Measure {
  return () => request('WatchPrograms', {}, key)
}

/** What follows from the options of `tetra console`. */
export interface Settings {
  readonly allowsChanges: boolean
  /** False: the events are those of recorded files, and calls have no answers. */
  readonly hasAgents: boolean
}

/** Reads the settings; those of a server that does not answer allow nothing. */
export async function readSettings(key: string): Promise<Settings> {
  try {
    const response = await fetch('/api/settings', { headers: { 'x-console-key': key } })
    if (response.ok) return await response.json()
  } catch {
    // The status of the event stream already shows that.
  }
  return { allowsChanges: false, hasAgents: true }
}
