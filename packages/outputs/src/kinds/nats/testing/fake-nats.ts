import type { Socket } from 'node:net'
import { TestSockets } from '../../../testing/test-sockets.ts'

/** A message that arrived. */
export interface ArrivedMessage {
  readonly subject: string
  readonly inbox: string
  readonly headers: string
  readonly text: string
}

/** What the server does with a message. */
export type Reaction = (answer: (text: string) => void, socket: Socket, m: ArrivedMessage) => void

const accept: Reaction = (answer) => answer('{"stream":"EVENTS","seq":1}')

/** A server of NATS JetStream that a test controls. */
export class FakeNats extends TestSockets {
  /** What it says about itself. */
  info: Record<string, unknown> = { headers: true, jetstream: true, max_payload: 1 << 20 }
  /** Fields of the last CONNECT. */
  login: Record<string, unknown> = {}
  /** Reactions to the next messages; afterwards each is acknowledged. */
  reactions: Reaction[] = []
  readonly accepted: ArrivedMessage[] = []

  override onSocket = (socket: Socket): void => {
    this.greet(socket)
    this.serve(socket)
  }

  greet(socket: Socket): void {
    socket.write(`INFO ${JSON.stringify(this.info)}\r\n`)
  }

  /** Answers what a client sends after the greeting. */
  serve(socket: Socket): void {
    let rest = ''
    socket.on('data', (bytes) => {
      rest += bytes.toString('latin1')
      for (let used = this.#read(rest, socket); used > 0; used = this.#read(rest, socket)) {
        rest = rest.slice(used)
      }
      this.changes.note()
    })
  }

  /** Reads an operation. @returns its length; 0 if it is not whole */
  #read(text: string, socket: Socket): number {
    const end = text.indexOf('\r\n') + 2
    if (end < 2) return 0
    const [name, ...words] = text.slice(0, end - 2).split(' ')
    if (name === 'CONNECT') this.login = JSON.parse(words.join(' '))
    if (name === 'PING') socket.write('PONG\r\n')
    if (name !== 'HPUB') return end
    const [subject, inbox, head, size] = words
    const total = end + Number(size) + 2
    if (text.length < total) return 0
    const from = end + Number(head)
    const message = {
      subject,
      inbox,
      headers: text.slice(end, from),
      text: text.slice(from, total - 2),
    }
    const react = this.reactions.shift()
    const answer = (reply: string): void => {
      socket.write(`MSG ${inbox} 1 ${reply.length}\r\n${reply}\r\n`)
    }
    if (react === undefined) this.accepted.push(message)
    ;(react ?? accept)(answer, socket, message)
    return total
  }
}
