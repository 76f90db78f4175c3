import type { OutputStatus } from '@tetragon-ts/outputs'
import { sumOf } from '@tetragon-ts/outputs/queue'
import type { AgentOptions } from '../config/agent-options.ts'
import { AgentError } from '../error.ts'
import type { Log } from '../log/log.ts'
import type { OutputLink } from '../reader/outputs/output-tap.ts'
import type { OutputThread } from '../receivers/output-thread.ts'
import { openSpoolFolder } from '../receivers/spool-folder.ts'
import { version } from '../version.ts'

/** Where events of the daemon go beside the export file. */
export class DaemonOutputs {
  readonly #options: AgentOptions
  readonly #log: Log
  #texts: readonly string[]
  /** Undefined: the agent has started without outputs. */
  readonly #thread: OutputThread | undefined

  /** Starts the outputs. @throws AgentError AGENT_OPTION, or those of the folder of spools */
  static async start(options: AgentOptions, log: Log): Promise<DaemonOutputs> {
    return new DaemonOutputs(options, log, await startThread(options, log))
  }

  private constructor(options: AgentOptions, log: Log, thread: OutputThread | undefined) {
    this.#options = options
    this.#log = log
    this.#texts = options.outputs
    this.#thread = thread
  }

  /** For the reader's thread; undefined without outputs. */
  get link(): OutputLink | undefined {
    return this.#thread?.link
  }

  async statuses(): Promise<readonly OutputStatus[]> {
    return (await this.#thread?.statuses()) ?? []
  }

  /**
   * Uses the outputs of the options as they are now; those that are the same go on. If one is
   * wrong, all stay as they are.
   */
  async reload(readOptions: () => Promise<AgentOptions>): Promise<void> {
    try {
      const { outputs } = await readOptions()
      if (outputs.join('\n') !== this.#texts.join('\n')) await this.#change(outputs)
    } catch (error) {
      if (!(error instanceof AgentError)) throw error
      this.#log.error(`reload outputs: ${error.message}`)
    }
  }

  async #change(outputs: readonly string[]): Promise<void> {
    if (this.#thread === undefined) {
      const remedy = 'restart the agent: it has started without outputs'
      throw new AgentError('AGENT_OPTION', remedy)
    }
    const warn = (message: string): void => this.#log.warning(message)
    const spoolFailure = openSpoolFolder(this.#options.outputSpoolFolder, outputs, warn)
    this.#reportLost(await this.#thread.change({ outputs, spoolFailure }))
    this.#texts = outputs
    this.#log.info(`reloaded outputs: ${outputs.length}`)
  }

  /** After the reader has ended: sends what is queued, within a time limit, and ends the thread. */
  async finish(): Promise<void> {
    this.#reportLost((await this.#thread?.finish()) ?? [])
  }

  #reportLost(ended: readonly OutputStatus[]): void {
    for (const { name, lost } of ended) {
      const count = sumOf(lost)
      const what = count === 1 ? '1 event was lost' : `${count} events were lost`
      if (count > 0) this.#log.warning(`output ${name}: ${what}`)
    }
  }
}

/** The thread of the outputs; its code is loaded only if it is needed. */
async function startThread(options: AgentOptions, log: Log): Promise<OutputThread | undefined> {
  const { outputs, nodeName, content, outputSpoolFolder: spoolFolder } = options
  const warn = (message: string): void => log.warning(message)
  const spoolFailure = openSpoolFolder(spoolFolder, outputs, warn)
  if (outputs.length === 0) return undefined
  const { OutputThread } = await import('../receivers/output-thread.ts')
  const { clusterName } = content
  const facts = { nodeName, clusterName, version: version() }
  return OutputThread.start({ outputs, spoolFolder, spoolFailure, ...facts, warn })
}
