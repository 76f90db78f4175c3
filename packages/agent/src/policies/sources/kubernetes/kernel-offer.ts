import { type ApiClient, ApiError, type Fields, fields, list, text } from '@tetragon-ts/kubernetes'
import {
  kernelObjectKind,
  kernelPieceBytes,
  kernelPieceName,
  kernelPieces,
  type NodeKernel,
} from '@tetragon-ts/policy/status'
import { type BackoffMs, backoffMs, jittered } from '@tetragon-ts/service/retry'
import { pause } from '@tetragon-ts/service/timers'
import type { KernelFile } from '../../kernel/kernel-file.ts'
import type { SourceLog } from '../policy-source.ts'
import type { OwnPod } from './stored-report.ts'

const [notFound, conflict] = [404, 409]

/** Milliseconds. */
export interface OfferMs {
  /** Before the kernel is described, which takes a second: the start of the agent comes first. */
  readonly start: number
  /** Between two looks whether the operator asks for the description; also after failures. */
  readonly look: BackoffMs
  /** After the operator has asked an agent with this kernel. */
  readonly asked: number
}

const defaultMs: OfferMs = { start: 2000, look: { min: 5000, max: 300_000 }, asked: 600_000 }

/**
 * Offers the description of the node's kernel: names it for the report, and writes it if the
 * operator asks this agent. The operator asks one agent of each kernel, by objects for the pieces.
 */
export class KernelOffer {
  readonly #client: ApiClient
  readonly #pod: OwnPod
  readonly #folder: string
  readonly #describe: () => Promise<KernelFile>
  readonly #use: (kernel: NodeKernel) => void
  readonly #log: SourceLog
  readonly #ms: OfferMs
  readonly #end = new AbortController()
  #kernel: NodeKernel | undefined

  /**
   * Starts.
   * @param use gets the kernel, and again if its description changes
   */
  constructor(
    client: ApiClient,
    pod: OwnPod,
    describe: () => Promise<KernelFile>,
    use: (kernel: NodeKernel) => void,
    log: SourceLog,
    ms: OfferMs = defaultMs,
  ) {
    this.#client = client
    this.#pod = pod
    const namespace = encodeURIComponent(pod.namespace)
    this.#folder = `/apis/cilium.io/v1alpha1/namespaces/${namespace}/${kernelObjectKind.plural}`
    this.#describe = describe
    this.#use = use
    this.#log = log
    this.#ms = ms
    void this.#run()
  }

  close(): void {
    this.#end.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    const { start, look, asked } = this.#ms
    let [looks, hasFailed] = [0, false]
    await pause(start, { signal, ref: false })
    while (!signal.aborted) {
      let isAsked = false
      try {
        isAsked = await this.#offer()
        hasFailed = false
      } catch (error) {
        if (signal.aborted) return
        const effect = 'the operator does not check policies for this kernel; it is tried again'
        if (!hasFailed)
          this.#log.warning(`offer the kernel: ${(error as Error).message}; ${effect}`)
        hasFailed = true
      }
      looks = isAsked ? 0 : looks + 1
      const wait = isAsked ? jittered(asked) : backoffMs(look, looks)
      await pause(wait, { signal, ref: false })
    }
  }

  /** @returns whether the operator has asked an agent with this kernel */
  async #offer(): Promise<boolean> {
    this.#kernel ??= this.#named(await this.#describe())
    const { hash } = this.#kernel
    const pod = await this.#askedPod(hash)
    if (pod !== this.#pod.name) return pod !== undefined
    const objects: Fields[] = []
    const count = kernelPieces(this.#kernel) ?? 0
    for (let piece = 0; piece < count; piece++) {
      const object = await this.#found(this.#client.get(this.#path(hash, piece), this.#end.signal))
      if (object !== undefined) objects.push(object)
    }
    const open = objects.filter((each) => this.#isOwn(each) && !isAnswered(each))
    if (open.length === 0) return objects.length === count
    const file = await this.#describe()
    // Something has changed since the report: the operator asks again.
    if (file.hash !== hash) this.#kernel = this.#named(file)
    else for (const object of open) await this.#write(object, file.bytes)
    return file.hash === hash && objects.length === count
  }

  #named({ hash, bytes }: KernelFile): NodeKernel {
    const kernel = { hash, size: bytes.length }
    this.#use(kernel)
    return kernel
  }

  #isOwn(object: Fields): boolean {
    return fields(object.spec).pod === this.#pod.name
  }

  /**
   * The pod whose agent was asked: it owns the objects. All agents look, so the content of an
   * object is not read for that. Undefined: none.
   */
  async #askedPod(hash: string): Promise<string | undefined> {
    const path = this.#path(hash, 0)
    const object = await this.#found(this.#client.getMetadata(path, this.#end.signal))
    if (object === undefined) return undefined
    const [owner] = list(fields(object.metadata).ownerReferences)
    return text(fields(owner).name)
  }

  #path(hash: string, piece: number): string {
    return `${this.#folder}/${kernelPieceName(hash, piece)}`
  }

  /** Undefined: there is no such object. */
  async #found(answer: Promise<unknown>): Promise<Fields | undefined> {
    try {
      return fields(await answer)
    } catch (error) {
      if (error instanceof ApiError && error.status === notFound) return undefined
      throw error
    }
  }

  async #write(object: Fields, bytes: Buffer): Promise<void> {
    const start = Number(fields(object.spec).piece) * kernelPieceBytes
    const { round } = fields(object.spec)
    const data = bytes.toString('base64', start, start + kernelPieceBytes)
    const path = `${this.#folder}/${encodeURIComponent(text(fields(object.metadata).name))}/status`
    try {
      await this.#client.update(path, { ...object, status: { round, data } }, this.#end.signal)
    } catch (error) {
      // The operator has changed it: the next look sees that.
      if (!(error instanceof ApiError) || error.status !== conflict) throw error
    }
  }
}

function isAnswered({ spec, status }: Fields): boolean {
  return fields(status).round === fields(spec).round
}
