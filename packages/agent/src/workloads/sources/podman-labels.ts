import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { fields } from '@tetragon-ts/kubernetes'
import { hostRoots } from './host-roots.ts'
import { type ContainerLabels, readLabels } from './runtime-container.ts'

/** Receives labels and warnings. */
export interface PodmanListener {
  found(labels: ContainerLabels): void
  warn(message: string): void
}

const usual = 'run/podman/podman.sock'
/** Maximum number of containers that wait for an answer; one is asked for at a time. */
const waitingMax = 256
/** Time limit of a request in milliseconds: systemd may have to start the service. */
const requestMs = 5000
const responseMax = 1 << 20

/**
 * Asks the service of Podman for the labels of its containers, which are in none of its files. Only
 * if its socket exists, which is an option of the host (`podman.socket`).
 */
export class PodmanLabels {
  readonly #roots: readonly string[]
  readonly #listener: PodmanListener
  readonly #end = new AbortController()
  readonly #waiting: string[] = []
  #isRunning = false
  #hasWarned = false

  constructor(procfs: string, listener: PodmanListener) {
    this.#roots = hostRoots(procfs)
    this.#listener = listener
  }

  /** Asks for the labels of containers, by their full ids. */
  lookUp(ids: readonly string[]): void {
    if (this.#socket === undefined) return
    this.#waiting.push(...ids.slice(0, waitingMax - this.#waiting.length))
    if (!this.#isRunning) void this.#run()
  }

  close(): void {
    this.#end.abort()
  }

  get #socket(): string | undefined {
    return this.#roots.map((root) => `${root}/${usual}`).find((path) => existsSync(path))
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    for (let id = this.#waiting.shift(); id !== undefined; id = this.#waiting.shift()) {
      try {
        const labels = await this.#ask(id)
        if (this.#end.signal.aborted) return
        this.#hasWarned = false
        if (Object.keys(labels).length > 0) this.#listener.found({ id, labels })
      } catch (error) {
        if (this.#end.signal.aborted) return
        this.#warn((error as Error).message)
      }
    }
    this.#isRunning = false
  }

  #warn(problem: string): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    const effect = 'events lack labels of containers of Podman'
    this.#listener.warn(`ask the service of Podman: ${problem}; ${effect}`)
  }

  /** @throws Error with the reason */
  async #ask(id: string): Promise<Readonly<Record<string, string>>> {
    const path = `/v4.0.0/libpod/containers/${id}/json`
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(requestMs)])
    const sent = request({
      socketPath: this.#socket,
      path,
      headers: { host: 'podman' },
      signal,
    }).end()
    const [response]: IncomingMessage[] = await once(sent, 'response')
    const pieces: Buffer[] = []
    let length = 0
    for await (const piece of response) {
      length += piece.length
      if (length > responseMax) throw new Error(`the answer has more than ${responseMax} bytes`)
      pieces.push(piece)
    }
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
    const { Id, Config } = fields(JSON.parse(Buffer.concat(pieces).toString('utf8')))
    if (Id !== id) throw new Error('the answer is about another container')
    return readLabels(fields(Config).Labels)
  }
}
