import { sendDatagram } from '@tetragon-ts/ebpf/sys'
import { withoutPolicies } from '../endpoints/health/agent-health.ts'
import type { Log } from '../log/log.ts'

/**
 * Reports the state of the agent to systemd, for a unit of `Type=notify`: sd_notify(3). Does
 * nothing if systemd has not started the agent.
 */
export class ServiceManager {
  readonly #socket: string | undefined
  readonly #log: Log
  #isReady = false

  /** @param socket the variable NOTIFY_SOCKET */
  constructor(socket: string | undefined, log: Log) {
    this.#socket = socket
    this.#log = log
  }

  /**
   * The agent watches processes, and clients can connect.
   * @param failed names of policies that could not be loaded
   */
  ready(failed: readonly string[] = []): void {
    this.#isReady = true
    this.#send(`READY=1\nSTATUS=Watching processes${withoutPolicies(failed)}`)
  }

  /** Reports a reload until it is done. Before the agent is ready, it is part of the start. */
  async during(reload: Promise<void>, failed: () => readonly string[]): Promise<void> {
    if (this.#isReady) this.#send(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`)
    await reload
    if (this.#isReady) this.ready(failed())
  }

  stopping(): void {
    this.#isReady = false
    this.#send('STOPPING=1\nSTATUS=Writing the last events')
  }

  #send(state: string): void {
    if (this.#socket === undefined) return
    try {
      sendDatagram(this.#socket, state)
    } catch (error) {
      this.#log.warning(`report to the service manager: ${(error as Error).message}`)
    }
  }
}
