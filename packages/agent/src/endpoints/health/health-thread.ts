import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { AgentError } from '../../error.ts'
import { startThread } from '../../start-thread.ts'
import type { ServiceStatuses } from './agent-health.ts'
import type { HealthCommand, HealthReport, HealthThreadOptions } from './health-protocol.ts'

const program = new URL('./health-worker.js', import.meta.url)
/** Megabytes of V8; what is beyond ends the thread, not the agent. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 }
/** Milliseconds until an ended thread is started again, and for its end. */
const times = { restart: 1000, close: 2000 }

/**
 * The thread that answers health checks. It is not held up by the main thread, which loads
 * policies, nor by the reader, and what clients do to it holds up neither.
 */
export class HealthThread {
  readonly #options: Omit<HealthThreadOptions, 'statuses'>
  readonly #warn: (message: string) => void
  #worker: Worker | undefined
  #statuses: ServiceStatuses
  #isClosed = false

  /** @throws AgentError AGENT_SERVER */
  static async start(
    options: HealthThreadOptions,
    warn: (message: string) => void,
  ): Promise<HealthThread> {
    const thread = new HealthThread(options, warn)
    await thread.#start()
    return thread
  }

  private constructor(options: HealthThreadOptions, warn: (message: string) => void) {
    this.#options = options
    this.#statuses = options.statuses
    this.#warn = warn
  }

  async #start(): Promise<void> {
    const workerData: HealthThreadOptions = { ...this.#options, statuses: this.#statuses }
    const worker = startThread(program, { workerData, resourceLimits, name: 'tetragon-health' })
    const ended = new Promise<string>((resolve) => {
      worker.once('error', (error) => resolve(error.message))
      worker.once('exit', (code) => resolve(`the thread ended with status ${code}`))
    })
    const failed = ended.then((message): HealthReport => ({ kind: 'refused', message }))
    const report = await Promise.race([nextReport(worker), failed])
    if (report.kind === 'refused' || this.#isClosed) {
      await worker.terminate()
      if (report.kind === 'refused') throw new AgentError('AGENT_SERVER', report.message)
      return
    }
    worker.unref()
    this.#worker = worker
    void ended.then((reason) => this.#restart(reason))
  }

  async #restart(reason: string): Promise<void> {
    this.#worker = undefined
    if (this.#isClosed) return
    this.#warn(`serve health: ${reason}; it is started again`)
    while (!this.#isClosed) {
      await sleep(times.restart, undefined, { ref: false })
      try {
        return await this.#start()
      } catch (error) {
        this.#warn(`serve health: ${(error as Error).message}`)
      }
    }
  }

  /** Reports the status of the agent, and that the main thread lives. */
  report(statuses: ServiceStatuses): void {
    this.#statuses = statuses
    this.#post({ kind: 'status', statuses })
  }

  #post(command: HealthCommand): void {
    this.#worker?.postMessage(command)
  }

  /** Ends watches and connections, and releases the address. */
  async close(): Promise<void> {
    this.#isClosed = true
    const worker = this.#worker
    if (worker === undefined) return
    const closed = nextReport(worker)
    this.#post({ kind: 'close' })
    await Promise.race([closed, sleep(times.close, undefined, { ref: false })])
    await worker.terminate()
  }
}

function nextReport(worker: Worker): Promise<HealthReport> {
  return new Promise((resolve) => worker.once('message', resolve))
}
