import { existsSync } from 'node:fs'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import {
  type RequestOf,
  type ResponseOf,
  RuntimeService,
  serviceDefinition,
} from '@tetragon-ts/api'

/** Default sockets of container runtimes. */
const usual = [
  '/run/containerd/containerd.sock',
  '/run/crio/crio.sock',
  '/run/cri-dockerd.sock',
  '/var/run/dockershim.sock',
]

const definition = serviceDefinition(RuntimeService)
type Rpcs = (typeof RuntimeService)['rpcs']

function addressOf(endpoint: string): string {
  if (endpoint !== '') return endpoint.startsWith('/') ? `unix://${endpoint}` : endpoint
  const found = usual.find((path) => existsSync(path))
  if (found !== undefined) return `unix://${found}`
  throw new Error(
    `find container runtime: no socket at ${usual.join(', ')}; give --runtime-endpoint`,
  )
}

/**
 * Calls a procedure of a container runtime.
 * @param endpoint empty: the first default socket that responds
 */
export async function callRuntime<Name extends keyof Rpcs>(
  endpoint: string,
  timeoutMs: number,
  name: Name,
  request: RequestOf<Rpcs[Name]>,
): Promise<ResponseOf<Rpcs[Name]>> {
  const address = addressOf(endpoint)
  const client = new Client(address, credentials.createInsecure())
  const { path, requestSerialize, responseDeserialize } = definition[name]
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize as (request: object) => Buffer,
        responseDeserialize as (bytes: Buffer) => ResponseOf<Rpcs[Name]>,
        request,
        { deadline: Date.now() + timeoutMs },
        (error, response) => {
          if (response !== undefined) resolve(response)
          else reject(error)
        },
      )
    })
  } catch (error) {
    const { code, details } = error as ServiceError
    const reason = code === status.DEADLINE_EXCEEDED ? 'no answer in time; see --timeout' : details
    throw new Error(`query container runtime at ${address}: ${reason}`)
  } finally {
    client.close()
  }
}
