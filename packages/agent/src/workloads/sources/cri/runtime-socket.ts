import { existsSync } from 'node:fs'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import {
  type RequestOf,
  type ResponseOf,
  RuntimeService,
  serviceDefinition,
} from '@tetragon-ts/api'
import { hostRoots } from '../host-roots.ts'

type Rpcs = (typeof RuntimeService)['rpcs']

/** Sockets of runtimes, and of their distributions. */
const usual = [
  'run/containerd/containerd.sock',
  'run/crio/crio.sock',
  'run/k3s/containerd/containerd.sock',
  'run/k0s/containerd.sock',
  'run/cri-dockerd.sock',
]
/** Time limit of a call, in milliseconds. */
const callMs = 2000
/** A container can have any number of labels and annotations; a list has one container. */
const responseMax = 4 << 20

const definition = serviceDefinition(RuntimeService)

/** The CRI socket of a container runtime. It is only read. */
export class RuntimeSocket {
  readonly address: string
  readonly #client: Client

  /** @param address such as `unix:///run/containerd/containerd.sock` */
  constructor(address: string) {
    this.address = address
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': responseMax,
      'grpc.max_reconnect_backoff_ms': 5000,
    })
  }

  /** Calls a procedure, within a time limit. @throws Error with the reason */
  async call<Name extends keyof Rpcs>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
  ): Promise<ResponseOf<Rpcs[Name]>> {
    const { path, requestSerialize, responseDeserialize } = definition[name]
    try {
      return await new Promise((resolve, reject) => {
        this.#client.makeUnaryRequest(
          path,
          requestSerialize as (request: object) => Buffer,
          responseDeserialize as (bytes: Buffer) => ResponseOf<Rpcs[Name]>,
          request,
          { deadline: Date.now() + callMs },
          (error, response) => {
            if (response !== undefined) resolve(response)
            else reject(error)
          },
        )
      })
    } catch (error) {
      const { code, details, message } = error as ServiceError
      const reason = code === status.DEADLINE_EXCEEDED ? 'no answer in time' : details || message
      throw new Error(`ask container runtime at ${this.address}: ${reason}`, { cause: error })
    }
  }

  close(): void {
    this.#client.close()
  }
}

/**
 * The address of an endpoint, with or without scheme. Without one: the first usual socket that
 * exists, below the root of the host or below that of the agent.
 * @returns undefined if there is no socket
 */
export function runtimeAddress(endpoint: string, procfs: string): string | undefined {
  if (endpoint !== '') return endpoint.startsWith('/') ? `unix://${endpoint}` : endpoint
  const paths = hostRoots(procfs).flatMap((root) => usual.map((path) => `${root}/${path}`))
  const found = paths.find((path) => existsSync(path))
  return found && `unix://${found}`
}
