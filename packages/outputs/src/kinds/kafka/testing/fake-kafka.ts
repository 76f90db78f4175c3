import type { Socket } from 'node:net'
import { TestSockets } from '../../../testing/test-sockets.ts'
import { WireReader } from '../wire/wire-reader.ts'
import { WireWriter } from '../wire/wire-writer.ts'
import { type DecodedBatch, decodeBatch } from './decode-batch.ts'
import type { SaslServer } from './scram-server.ts'

/** What the broker does with a batch: answers with an error, or something else. */
export type Reaction = (answer: (error: number) => void, socket: Socket, batch: Buffer) => void

/** A broker with one topic that a test controls. */
export class FakeKafka extends TestSockets {
  /** Reactions to the next batches; afterwards each is accepted. */
  reactions: Reaction[] = []
  /** Batches that it has, in order. */
  readonly accepted: DecodedBatch[] = []
  /** Bytes of all batches, also of those that it did not accept. */
  readonly arrived: Buffer[] = []
  /** Undefined: without a login. */
  sasl: ((mechanism: string) => SaslServer | undefined) | undefined
  throttleMs = 0
  /** Hosts of brokers; the id of a broker is its place, from 1. All of them are this one. */
  hosts: readonly string[] = ['localhost']
  /** Ids of the leaders of the partitions; -1 if there is none. */
  leaders: readonly number[] = [1]
  metadataRequests = 0
  lifetimeMs = 0
  logins = 0
  #producers = 0n
  #next = new Map<string, number>()

  override onSocket = (socket: Socket): void => this.serve(socket)

  /** Answers requests. */
  serve(socket: Socket): void {
    let rest = Buffer.alloc(0)
    const session: { sasl?: SaslServer | undefined; isOpen: boolean } = { isOpen: false }
    socket.on('data', (bytes) => {
      rest = Buffer.concat([rest, bytes])
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const end = 4 + rest.readInt32BE(0)
        this.#handle(new WireReader(rest.subarray(4, end)), socket, session)
        rest = rest.subarray(end)
      }
      this.changes.note()
    })
  }

  #handle(
    request: WireReader,
    socket: Socket,
    session: { sasl?: SaslServer | undefined; isOpen: boolean },
  ): void {
    const [api, version, correlation] = [request.int16(), request.int16(), request.int32()]
    request.string()
    const respond = (write: (writer: WireWriter) => void): void => {
      const writer = new WireWriter().int32(correlation)
      write(writer)
      socket.write(new WireWriter().bytes(writer.result).result)
    }
    if (this.sasl !== undefined && !session.isOpen && api !== 18 && api !== 17 && api !== 36) {
      return void socket.destroy()
    }
    if (api === 18) respond((writer) => describe(writer, version))
    else if (api === 3) respond((writer) => this.#metadata(writer))
    else if (api === 22) {
      respond((writer) => {
        int64(writer.int32(0).int16(0), ++this.#producers).int16(0)
      })
    } else if (api === 17) {
      const mechanism = request.string() ?? ''
      session.sasl = this.sasl?.(mechanism)
      respond((writer) => {
        writer.int16(session.sasl ? 0 : 33).array(['SCRAM-SHA-256'], (name) => writer.string(name))
      })
    } else if (api === 36) {
      const answer = session.sasl?.answer(request.bytes().toString())
      if (answer === '' || answer?.startsWith('v=')) {
        session.isOpen = true
        this.logins++
      }
      respond((writer) => {
        writer.int16(answer === undefined ? 58 : 0)
        writer.string(answer === undefined ? 'wrong password' : undefined)
        int64(
          writer.bytes(Buffer.from(answer ?? '')),
          version > 0 ? BigInt(this.lifetimeMs) : undefined,
        )
      })
    } else if (api === 0) this.#produce(request, socket, respond)
    else throw new Error(`the request ${api} is not expected`)
  }

  #metadata(writer: WireWriter): void {
    this.metadataRequests++
    writer.int32(0).array([...this.hosts.entries()], ([index, host]) => {
      writer
        .int32(index + 1)
        .string(host)
        .int32(this.port)
        .string(undefined)
    })
    writer
      .string('cluster')
      .int32(1)
      .array(['tetragon.events'], (name) => {
        writer.int16(0).string(name).int8(0)
        writer.array([...this.leaders.entries()], ([index, leader]) => {
          writer.int16(0).int32(index).int32(leader)
          writer.array([1], (id) => writer.int32(id)).array([1], (id) => writer.int32(id))
        })
      })
  }

  #produce(
    request: WireReader,
    socket: Socket,
    respond: (write: (writer: WireWriter) => void) => void,
  ): void {
    request.string()
    request.int16()
    request.int32()
    const topics = request.array((topic) => {
      topic.string()
      return topic.array((each) => [each.int32(), each.bytes()] as const)
    })
    const [[[partition, bytes]]] = topics
    const batch = Buffer.from(bytes)
    this.arrived.push(batch)
    const answer = (error: number): void => {
      respond((writer) => {
        writer.array(['tetragon.events'], (name) => {
          writer.string(name).array([partition], (index) => {
            int64(int64(int64(writer.int32(index).int16(error), 0n), -1n), 0n)
            writer.array([], () => {}).string(undefined)
          })
        })
        writer.int32(this.throttleMs)
      })
    }
    const react = this.reactions.shift()
    if (react === undefined) answer(this.accept(batch, partition))
    else react(answer, socket, batch)
  }

  /** Adds a batch as Kafka does. @returns the number of an error */
  accept(bytes: Buffer, partition = 0): number {
    const batch = decodeBatch(bytes)
    const { producerId, sequence, records } = batch
    const producer = `${producerId} ${partition}`
    const expected = this.#next.get(producer) ?? 0
    if (producerId >= 0n && sequence !== expected) return sequence < expected ? 46 : 45
    this.#next.set(producer, sequence + records.length)
    this.accepted.push(batch)
    return 0
  }
}

function describe(writer: WireWriter, version: number): void {
  const ranges = [
    [0, 3, 8],
    // Fetch, which no test uses: librdkafka takes brokers without it for old ones.
    [1, 0, 4],
    [3, 0, 4],
    [17, 0, 1],
    [18, 0, 2],
    [22, 0, 1],
    [36, 0, 1],
  ] as const
  // Newer requests get the oldest form of the answer.
  writer.int16(version > 2 ? 35 : 0).array(ranges, ([api, min, max]) => {
    writer.int16(api).int16(min).int16(max)
  })
  if (version === 1 || version === 2) writer.int32(0)
}

function int64(writer: WireWriter, value: bigint | undefined): WireWriter {
  if (value === undefined) return writer
  return writer.int32(Number(value >> 32n)).int32(Number(BigInt.asIntN(32, value)))
}
