import { SendError } from '../../../connection.ts'
import type { StreamAddress } from '../../../network/stream.ts'
import { describeError } from '../kafka-errors.ts'
import { apis, apiVersionsRequest, type KafkaRequest, type VersionRange } from '../wire/requests.ts'
import { WireReader } from '../wire/wire-reader.ts'
import { WireWriter } from '../wire/wire-writer.ts'
import { BrokerSocket } from './broker-socket.ts'
import { logIn, type SaslLogin } from './log-in.ts'

/** How a broker is reached, and as whom. */
export interface BrokerAddress extends StreamAddress {
  /** The name of the agent for the broker. */
  readonly clientId: string
  /** Undefined: without a login, or by certificate. */
  readonly login: SaslLogin | undefined
}

/** The part of its lifetime in which a session is used: the next request must not be late. */
const lifetimeShare = 0.8

/** A broker, after the login. */
export class Broker {
  readonly #socket: BrokerSocket
  readonly #clientId: string
  #versions: ReadonlyMap<number, VersionRange> = new Map()
  #correlation = 0
  #expires = Infinity

  /** Connects and logs in. @throws errors of the network, SendError, or the reason of the signal */
  static async open(address: BrokerAddress, signal: AbortSignal): Promise<Broker> {
    const broker = new Broker(await BrokerSocket.open(address, signal), address.clientId)
    try {
      await broker.#greet(address.login, signal)
      return broker
    } catch (error) {
      broker.close()
      throw error
    }
  }

  private constructor(socket: BrokerSocket, clientId: string) {
    this.#socket = socket
    this.#clientId = clientId
  }

  async #greet(login: SaslLogin | undefined, signal: AbortSignal): Promise<void> {
    const { error, versions } = await this.request(apiVersionsRequest, signal)
    if (error !== 0) throw new SendError('again', describeError(error))
    this.#versions = versions
    if (login === undefined) return
    const lifetimeMs = await logIn(this, login, signal)
    if (lifetimeMs > 0) this.#expires = performance.now() + lifetimeMs * lifetimeShare
  }

  /** Whether it takes no more requests; a session that the broker will end soon counts as over. */
  get isClosed(): boolean {
    if (performance.now() > this.#expires) this.close()
    return this.#socket.isClosed
  }

  /**
   * The newest version of an API that both sides have.
   * @throws SendError if there is none
   */
  versionOf(name: keyof typeof apis): number {
    const { number, min, max } = apis[name]
    const offered = this.#versions.get(number)
    if (offered !== undefined && offered.min <= max && offered.max >= min) {
      return Math.min(max, offered.max)
    }
    throw new SendError('again', `the broker has no ${name} that fits: use Kafka 0.11 or newer`)
  }

  /** @throws errors of the network, SendError, or the reason of the signal */
  async request<Response>(
    { api, version, body, read }: KafkaRequest<Response>,
    signal: AbortSignal,
  ): Promise<Response> {
    const correlation = ++this.#correlation
    const head = new WireWriter().int16(api).int16(version).int32(correlation)
    const request = Buffer.concat([head.string(this.#clientId).result, body])
    const reader = new WireReader(await this.#socket.exchange(request, signal))
    try {
      if (reader.int32() !== correlation) throw new RangeError('it answers another request')
      return read(reader)
    } catch (error) {
      this.close()
      const reason = error instanceof RangeError ? error.message : String(error)
      throw new SendError('again', `the response of the broker is wrong: ${reason}`)
    }
  }

  /** Ends the connection immediately. */
  close(): void {
    this.#socket.close()
  }
}
