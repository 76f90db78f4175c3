import { createHash } from 'node:crypto'
import { release } from 'node:os'
import { AgentError } from '../../error.ts'
import { startThread } from '../../start-thread.ts'
import type { KernelWorkerOptions } from './kernel-worker.ts'

/** The description of the running kernel, as a file of `tetragon kernel describe`. */
export interface KernelFile {
  /** SHA-256 in hexadecimal. */
  readonly hash: string
  /** Output of `uname -r`. */
  readonly release: string
  readonly bytes: Buffer
}

const program = new URL('./kernel-worker.js', import.meta.url)
/** A file has 3 MB, and describing takes a second: clients cannot make the agent do that often. */
const keptMs = 60_000
/**
 * A kernel that does not answer probes must not keep callers forever. With a small share of a slow
 * processor it takes minutes.
 */
const limitMs = 300_000
/** Megabytes of V8. */
const resourceLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 }

/**
 * Describes the running kernel, with the back ends that the operator has switched off as refused,
 * in a thread of its own: at most once a minute, unless that fails.
 */
export class KernelFiles {
  readonly #options: KernelWorkerOptions
  #kept: Promise<KernelFile> | undefined

  constructor(options: KernelWorkerOptions) {
    this.#options = options
  }

  /** @throws AgentError AGENT_KERNEL */
  describe(): Promise<KernelFile> {
    if (this.#kept) return this.#kept
    const kept = describeInThread(this.#options)
    this.#kept = kept
    const drop = (): void => {
      if (this.#kept === kept) this.#kept = undefined
    }
    kept.then(() => setTimeout(drop, keptMs).unref(), drop)
    return kept
  }
}

function describeInThread(workerData: KernelWorkerOptions): Promise<KernelFile> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void =>
      reject(new AgentError('AGENT_KERNEL', `describe kernel: ${reason}`, { cause }))
    let worker: ReturnType<typeof startThread>
    try {
      worker = startThread(program, { workerData, resourceLimits, name: 'tetragon-kernel' })
    } catch (cause) {
      return fail((cause as Error).message, cause)
    }
    const late = setTimeout(() => {
      fail('the kernel does not answer')
      void worker.terminate()
    }, limitMs).unref()
    worker.unref()
    worker.once('error', (cause: Error) => fail(cause.message, cause))
    worker.once('exit', (code) => {
      clearTimeout(late)
      fail(`the thread ended with status ${code}`)
    })
    worker.once('message', (message: Uint8Array) => {
      const bytes = Buffer.from(message.buffer, message.byteOffset, message.length)
      const hash = createHash('sha256').update(bytes).digest('hex')
      resolve({ hash, release: release(), bytes })
    })
  })
}
