import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import { type RequestOf, type ResponseOf, serviceDefinition } from '@tetragon-ts/api'
import { RuntimeService } from './runtime-service.ts'

type Rpcs = (typeof RuntimeService)['rpcs']

/** A container can have any number of labels and annotations; a list has one container. */
const responseMax = 4 << 20

const definition = serviceDefinition(RuntimeService)

/** A call of a container runtime failed. */
export class RuntimeCallError extends Error {
  override readonly name = 'RuntimeCallError'
  /** Whether there was no answer in time. */
  readonly isLate: boolean

  constructor(address: string, error: ServiceError) {
    const isLate = error.code === status.DEADLINE_EXCEEDED
    const reason = isLate ? 'no answer in time' : error.details || error.message
    super(`query container runtime at ${address}: ${reason}`, { cause: error })
    this.isLate = isLate
  }
}

/** The CRI socket of a container runtime. It is only read. */
export class RuntimeClient implements Disposable {
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

  /** Calls a procedure, within a time limit. @throws RuntimeCallError */
  async call<Name extends keyof Rpcs>(
    name: Name,
    request: RequestOf<Rpcs[Name]>,
    limitMs: number,
  ): Promise<ResponseOf<Rpcs[Name]>> {
    const { path, requestSerialize, responseDeserialize } = definition[name]
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize as (request: object) => Buffer,
        responseDeserialize as (bytes: Buffer) => ResponseOf<Rpcs[Name]>,
        request,
        { deadline: Date.now() + limitMs },
        (error, response) => {
          if (response !== undefined) resolve(response)
          else reject(new RuntimeCallError(this.address, error as ServiceError))
        },
      )
    })
  }

  close(): void {
    this.#client.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
