import {
  type ApiClient,
  ApiError,
  fields,
  type KubeObject,
  type ResourceHandler,
  text,
  type WaitMs,
  watchResources,
} from '@tetragon-ts/kubernetes'
import {
  kernelAnnotation,
  kernelObjectKind,
  nodeStatusKind,
  readKernelText,
} from '@tetragon-ts/policy/status'
import { type AgentAccount, agentFolder, agentPods } from '../agent-account.ts'
import { type AgentPod, readAgentPod } from '../policy-status/agents.ts'
import { WorkQueue } from '../work-queue.ts'
import { Descriptions } from './descriptions.ts'
import { Fleet, type FleetKernels, type PodKernel } from './fleet.ts'
import { type Piece, pieceName, readPiece } from './piece.ts'

/** Receives what happens to the watches. */
export interface KernelListener {
  /** @param error undefined: the API server has answered */
  watched(kind: string, error: Error | undefined): void
  /** Reading a description failed; it is tried again. */
  failed(name: string, error: Error): void
}

/** Receives the objects of a watch. Changes return whether the kernels may be others now. */
interface KernelHandler<Item> extends Pick<ResourceHandler<Item>, 'read' | 'replace'> {
  change(item: Item): boolean
  remove(item: Item): boolean
}

const notFound = 404
const hashLength = 64
/** Maximum number of objects that are followed. */
const piecesMax = 1024

const none: FleetKernels = { kept: [], refused: [], unknown: [] }

/**
 * Follows which kernels the nodes have, and keeps a description of each. Of agents' reports and of
 * the objects with descriptions only the metadata is watched; each piece is read once it changes.
 */
export class KernelWatch {
  readonly #client: ApiClient
  readonly #account: AgentAccount
  readonly #listener: KernelListener
  readonly #signal: AbortSignal
  readonly #waitMs: WaitMs | undefined
  readonly #fleet = new Fleet()
  readonly descriptions = new Descriptions()
  /** Names of objects with the pieces that they had. */
  readonly #pieces = new Map<string, Piece | undefined>()
  readonly #missing = new Set(['agents', nodeStatusKind.plural, kernelObjectKind.plural])
  readonly #queue: WorkQueue
  readonly #watching: Promise<unknown>
  #kernels: FleetKernels | undefined

  /** Starts; does not wait for the API server. @param signal ends it */
  constructor(
    client: ApiClient,
    account: AgentAccount,
    listener: KernelListener,
    signal: AbortSignal,
    waitMs?: WaitMs,
  ) {
    this.#client = client
    this.#account = account
    this.#listener = listener
    this.#signal = signal
    this.#waitMs = waitMs
    const failed = (name: string, error: Error, attempt: number): void => {
      if (attempt === 1) listener.failed(name, error)
    }
    this.#queue = new WorkQueue({ run: (name) => this.#read(name), failed }, signal)
    this.#watching = Promise.all([this.#watchAgents(), this.#watchReports(), this.#watchPieces()])
  }

  /** Folder of the objects with descriptions in the API. */
  get folder(): string {
    return agentFolder(this.#account, kernelObjectKind)
  }

  /** Whether all objects that existed at the start are known. */
  get isComplete(): boolean {
    return this.#missing.size === 0 && this.#queue.size === 0
  }

  /** The kernels of the nodes; empty until they are known. */
  get kernels(): FleetKernels {
    return this.#kernels ?? none
  }

  /** Numbers of kernels by the state of their description. */
  get sizes(): Readonly<Record<'known' | 'awaited' | 'wrong' | 'refused', number>> {
    const sizes = { known: 0, awaited: 0, wrong: 0, refused: this.kernels.refused.length }
    for (const { hash } of this.kernels.kept) sizes[this.descriptions.stateOf(hash)]++
    return sizes
  }

  /** Waits for the end of all requests; after the signal. */
  async close(): Promise<void> {
    await this.#watching
    await this.#queue.close()
  }

  #select(): FleetKernels {
    const kernels = this.#fleet.kernels
    const added = this.descriptions.keep(kernels.kept)
    for (const name of this.#pieces.keys()) {
      if (added.has(name.slice(0, hashLength))) this.#queue.add(name)
    }
    return kernels
  }

  #changed(): void {
    this.#kernels = this.#missing.size === 0 ? this.#select() : undefined
  }

  #watchAgents(): Promise<void> {
    return this.#watch<AgentPod>('agents', this.#client, agentPods(this.#account), {
      read: readAgentPod,
      replace: (pods) => this.#fleet.agents.replace(pods),
      change: (pod) => this.#fleet.agents.set(pod),
      remove: (pod) => this.#fleet.agents.delete(pod),
    })
  }

  #watchReports(): Promise<void> {
    const { plural } = nodeStatusKind
    const path = agentFolder(this.#account, nodeStatusKind)
    return this.#watch<PodKernel>(plural, this.#client.withMetadataOnly(), [path, ''], {
      read: readPodKernel,
      replace: (reports) => this.#fleet.replace(reports),
      change: (report) => this.#fleet.set(report),
      remove: (report) => this.#fleet.delete(report),
    })
  }

  #watchPieces(): Promise<void> {
    const client = this.#client.withMetadataOnly()
    return this.#watch<string>(kernelObjectKind.plural, client, [this.folder, ''], {
      read: (object) => pieceName(object) || undefined,
      replace: (names) => {
        const present = new Set(names)
        for (const name of [...this.#pieces.keys()]) if (!present.has(name)) this.#forget(name)
        for (const name of names) this.#add(name)
      },
      change: (name) => this.#add(name),
      remove: (name) => this.#forget(name),
    })
  }

  /** @returns false: pieces do not change which kernels there are */
  #add(name: string): boolean {
    if (!this.#pieces.has(name) && this.#pieces.size >= piecesMax) return false
    this.#pieces.set(name, this.#pieces.get(name))
    this.#queue.add(name)
    return false
  }

  #forget(name: string): boolean {
    const piece = this.#pieces.get(name)
    if (piece) this.descriptions.delete(piece.hash, piece.index)
    this.#pieces.delete(name)
    return false
  }

  async #read(name: string): Promise<void> {
    const isKept = this.kernels.kept.some(({ hash }) => name.startsWith(`${hash}-`))
    if (!isKept || !this.#pieces.has(name)) return
    const piece = readPiece(await this.#get(name))
    if (!this.#pieces.has(name)) return
    if (piece === undefined) return void this.#forget(name)
    this.#pieces.set(name, { ...piece, data: undefined })
    this.descriptions.set(piece)
  }

  /** Undefined: it was deleted, and the watch will say so. */
  async #get(name: string): Promise<unknown> {
    try {
      return await this.#client.get(`${this.folder}/${encodeURIComponent(name)}`, this.#signal)
    } catch (error) {
      if (error instanceof ApiError && error.status === notFound) return undefined
      throw error
    }
  }

  #watch<Item>(
    name: string,
    client: ApiClient,
    [path, selector]: readonly [string, string],
    handler: KernelHandler<Item>,
  ): Promise<void> {
    const all: ResourceHandler<Item> = {
      read: handler.read,
      replace: (items) => {
        handler.replace(items)
        this.#missing.delete(name)
        this.#changed()
      },
      change: (item) => {
        if (handler.change(item)) this.#changed()
      },
      remove: (item) => {
        if (handler.remove(item)) this.#changed()
      },
      started: () => this.#listener.watched(name, undefined),
      failed: (error) => this.#listener.watched(name, error),
    }
    return watchResources<Item>(client, path, selector, all, this.#signal, this.#waitMs)
  }
}

function readPodKernel({ metadata }: KubeObject): PodKernel | undefined {
  const { name, annotations } = fields(metadata)
  if (text(name) === '') return undefined
  return { pod: text(name), kernel: readKernelText(fields(annotations)[kernelAnnotation]) }
}
