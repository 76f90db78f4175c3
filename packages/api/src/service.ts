import type { Bytes } from '#platform'
import type { MessageOf, MessageType } from './message.ts'
import { codecOf } from './wire/codec.ts'

/** A remote procedure: its request and response. */
export interface Rpc<
  Request extends MessageType = MessageType,
  Response extends MessageType = MessageType,
> {
  readonly request: Request
  readonly response: Response
  /** Whether responses, or both sides, are streams. */
  readonly stream?: 'responses' | 'both'
  readonly deprecated?: boolean
}

/** A service: its package, its name and its procedures. */
export interface ServiceType<R extends Readonly<Record<string, Rpc>> = Record<string, Rpc>> {
  readonly package: string
  readonly name: string
  readonly rpcs: R
}

/** Declares a service. */
export function service<const R extends Readonly<Record<string, Rpc>>>(
  packageName: string,
  name: string,
  rpcs: R,
): ServiceType<R> {
  return { package: packageName, name, rpcs }
}

/** JSON form of a procedure's request. */
export type RequestOf<R extends Rpc> = MessageOf<R['request']>
/** JSON form of a procedure's response. */
export type ResponseOf<R extends Rpc> = MessageOf<R['response']>

/** A procedure for gRPC libraries. */
export interface MethodDefinition<Request, Response> {
  readonly path: string
  readonly originalName: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  readonly requestSerialize: (value: Request) => Bytes
  readonly requestDeserialize: (bytes: Bytes) => Request
  readonly responseSerialize: (value: Response) => Bytes
  readonly responseDeserialize: (bytes: Bytes) => Response
}

/** A service for gRPC libraries. Responses of the procedures `Raw` are bytes. */
export type ServiceDefinition<S extends ServiceType, Raw extends keyof S['rpcs'] = never> = {
  readonly [K in keyof S['rpcs']]: MethodDefinition<
    RequestOf<S['rpcs'][K]>,
    K extends Raw ? Bytes : ResponseOf<S['rpcs'][K]>
  >
}

/** Full name of a service: `package.Name`. */
export function serviceName(type: ServiceType): string {
  return `${type.package}.${type.name}`
}

/**
 * Creates the definition for servers and clients of @grpc/grpc-js. If `raw` names a procedure, its
 * responses are bytes that the caller encodes or decodes.
 */
export function serviceDefinition<S extends ServiceType, Raw extends keyof S['rpcs'] = never>(
  type: S,
  raw: readonly Raw[] = [],
): ServiceDefinition<S, Raw> {
  const methods = Object.entries(type.rpcs).map(([name, rpc]) => {
    const request = codecOf(rpc.request)
    const response = codecOf(rpc.response)
    const isRaw = raw.some((each) => each === name)
    const same = (bytes: Bytes): Bytes => bytes
    const method = {
      path: `/${serviceName(type)}/${name}`,
      originalName: name,
      requestStream: rpc.stream === 'both',
      responseStream: rpc.stream !== undefined,
      requestSerialize: request.encode,
      requestDeserialize: request.decode,
      responseSerialize: isRaw ? same : response.encode,
      responseDeserialize: isRaw ? same : response.decode,
    }
    return [name, method] as const
  })
  // Object.entries has lost which method belongs to which name.
  return Object.fromEntries(methods) as object as ServiceDefinition<S, Raw>
}
