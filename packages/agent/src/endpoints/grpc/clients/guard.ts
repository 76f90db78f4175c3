import type {
  handleServerStreamingCall,
  handleUnaryCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { RequestError } from '../../../request-error.ts'
import { statusOf } from '../../listen/status.ts'
import type { AuditLog } from './audit-log.ts'
import { type Client, describeClient } from './client.ts'
import { type ClientPattern, matchesClient } from './client-pattern.ts'
import type { CallConnection, ClientIdentities } from './identify.ts'
import { type Right, rightOf } from './rights.ts'

/** Which clients have which rights. */
export interface ClientRoles {
  /** Those that may read; clients that may change may also read. */
  readonly read: readonly ClientPattern[]
  readonly change: readonly ClientPattern[]
}

type Unary = handleUnaryCall<object, object>
type Streaming = handleServerStreamingCall<object, object>

type Call = CallConnection & { readonly request: object }

/** The part of a procedure's definition that decides how it is called. */
interface Procedure {
  readonly path: string
  readonly responseStream: boolean
}

/** Calls of clients with the rights that they need, and an audit line for each change. */
export class Guard {
  readonly #roles: ClientRoles
  readonly #identities: ClientIdentities
  readonly #audit: AuditLog

  constructor(roles: ClientRoles, identities: ClientIdentities, audit: AuditLog) {
    this.#roles = roles
    this.#identities = identities
    this.#audit = audit
  }

  /** A service whose procedures check their clients. */
  protect(definition: object, service: UntypedServiceImplementation): UntypedServiceImplementation {
    const procedures = Object.entries(definition as Record<string, Procedure>)
    return Object.fromEntries(
      procedures.map(([name, { path, responseStream }]) => {
        const right = rightOf(path)
        if (right === undefined) throw new Error(`${path} has no right`)
        const handler = service[name]
        const guarded = responseStream
          ? this.#streaming(path, right, handler as Streaming)
          : this.#unary(path, right, handler as Unary)
        return [name, guarded]
      }),
    )
  }

  /** Whether a client may read, for a procedure that shows others less. */
  mayRead(call: CallConnection): boolean {
    const client = this.#identities.of(call)
    return client !== undefined && this.#missing(client, 'read') === undefined
  }

  #streaming(path: string, right: Right, handler: Streaming): Streaming {
    return (call) => {
      try {
        this.#admit(call, path, right)
      } catch (error) {
        call.emit('error', statusOf(error))
        return
      }
      handler(call)
    }
  }

  /** The line is written when the change has ended, even if its client has left. */
  #unary(path: string, right: Right, handler: Unary): Unary {
    return (call, callback) => {
      let client: Client
      try {
        client = this.#admit(call, path, right)
      } catch (error) {
        callback(statusOf(error))
        return
      }
      if (!isLogged(right, client)) return handler(call, callback)
      handler(call, (error, ...answer) => {
        const reason = error?.details ?? ''
        const outcome = error
          ? ({ result: 'failed', reason } as const)
          : { result: 'done' as const }
        this.#audit.changed(client, nameOf(path), call.request, outcome)
        callback(error, ...answer)
      })
    }
  }

  /** @throws RequestError if the client may not call the procedure, or has left */
  #admit(call: Call, path: string, right: Right): Client {
    const name = nameOf(path)
    const client = this.#identities.of(call)
    if (client === undefined) throw new RequestError('denied', `${name}: the client is unknown`)
    const option = this.#missing(client, right)
    if (option === undefined) return client
    const who = describeClient(client)
    const may =
      option === '--server-change-clients' ? 'change policies and settings' : 'read events'
    this.#audit.refused(client, name, call.request, `not in ${option}`)
    const other =
      client.kind === 'anonymous' ? 'use a client certificate or the Unix socket, or ' : ''
    throw new RequestError(
      'denied',
      `${name}: ${who} may not ${may}; ${other}add it to ${option} of the agent`,
    )
  }

  /** The option that does not name a client with a right. */
  #missing(client: Client, right: Right): string | undefined {
    const { read, change } = this.#roles
    const isIn = (patterns: readonly ClientPattern[]) =>
      patterns.some((pattern) => matchesClient(pattern, client))
    if (right === 'none' || isIn(change)) return undefined
    if (right !== 'read') return '--server-change-clients'
    return isIn(read) ? undefined : '--server-read-clients'
  }
}

/** Whether a call is logged when it has ended. */
function isLogged(right: Right, client: Client): boolean {
  // Container runtimes are root, which the socket's permissions let do all this and more.
  const isRoot = client.kind === 'socket' && client.uid === 0
  return right === 'change' || (right === 'report' && !isRoot)
}

/** `AddTracingPolicy` of `/tetragon.FineGuidanceSensors/AddTracingPolicy`. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
