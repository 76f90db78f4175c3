import type { RequestOf, ResponseOf } from '@tetragon-ts/api'
import type { RuntimeService } from '@tetragon-ts/kubernetes/cri'
import {
  RuntimeCallError,
  RuntimeClient,
  runtimeAddress,
  runtimeSockets,
} from '@tetragon-ts/kubernetes/cri'

type Rpcs = (typeof RuntimeService)['rpcs']

/**
 * Calls a procedure of a container runtime.
 * @param endpoint empty: the first usual socket that exists
 */
export async function callRuntime<Name extends keyof Rpcs>(
  endpoint: string,
  timeoutMs: number,
  name: Name,
  request: RequestOf<Rpcs[Name]>,
): Promise<ResponseOf<Rpcs[Name]>> {
  const address = runtimeAddress(endpoint)
  if (address === undefined) {
    const paths = runtimeSockets.map((path) => `/${path}`).join(', ')
    throw new Error(`find container runtime: no socket at ${paths}; give --runtime-endpoint`)
  }
  const client = new RuntimeClient(address)
  try {
    return await client.call(name, request, timeoutMs)
  } catch (error) {
    if (!(error instanceof RuntimeCallError && error.isLate)) throw error
    throw new Error(`${error.message}; see --timeout`, { cause: error })
  } finally {
    client.close()
  }
}
