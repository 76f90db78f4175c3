import { type ApiClient, ApiError, fields, text } from '@tetragon-ts/kubernetes'
import { jittered } from '@tetragon-ts/service/retry'
import { pause } from '@tetragon-ts/service/timers'
import { leaseSpec, readLease, releasedSpec } from './lease.ts'
import { limitTime } from './limit-time.ts'

/** Name of the Lease, as in Tetragon. */
export const leaseName = 'tetragon-operator-resource-lock'
const apiVersion = 'coordination.k8s.io/v1'
const [notFound, conflict] = [404, 409]

/** Times in milliseconds: `lease` > `renew` > `retry`. */
export interface ElectionMs {
  /** Other replicas wait for this time after the last renewal. */
  readonly lease: number
  /** The leader gives up after this time without a renewal. */
  readonly renew: number
  /** Pause between two attempts. */
  readonly retry: number
}

/** Receives the results of requests. */
export interface ElectionListener {
  failed(error: Error): void
  succeeded(): void
}

/** Who holds the Lease after an attempt; `failed`: a request failed. */
type Attempt = 'own' | 'other' | 'failed'

/**
 * Elects one leader among the replicas by a Lease in the API server. Every write names the version
 * that it replaces, so that of two concurrent ones the second fails. Clocks of replicas are not
 * compared: each measures the time since it last saw the Lease change.
 */
export class LeaderElection {
  readonly #client: ApiClient
  readonly #identity: string
  readonly #namespace: string
  readonly #folder: string
  readonly #ms: ElectionMs
  readonly #listener: ElectionListener
  #seen = { version: '', at: 0 }

  /** @param identity differs for each process */
  constructor(
    client: ApiClient,
    identity: string,
    options: { readonly namespace: string; readonly ms: ElectionMs },
    listener: ElectionListener,
  ) {
    this.#client = client
    this.#identity = identity
    this.#namespace = options.namespace
    this.#folder = `/apis/${apiVersion}/namespaces/${encodeURIComponent(options.namespace)}/leases`
    this.#ms = options.ms
    this.#listener = listener
  }

  /**
   * Waits until this replica is the leader.
   * @returns a signal that aborts when it is not any more, and with `end`; undefined: `end` came
   *   first
   */
  async acquire(end: AbortSignal): Promise<AbortSignal | undefined> {
    while (!end.aborted) {
      const sentAt = performance.now()
      if ((await this.#attempt(end, this.#ms.renew)) === 'own') {
        const term = new AbortController()
        void this.#renew(sentAt, end).then(() => term.abort())
        return term.signal
      }
      await pauseUpTo(this.#ms.retry, end)
    }
    return undefined
  }

  /**
   * Lets another replica acquire the Lease without waiting; to be called after all work has ended.
   * @throws ApiError, Error of the connection
   */
  async release(): Promise<void> {
    await limitTime(undefined, this.#ms.renew, async (signal) => {
      const lease = await this.#client.get(this.#path, signal)
      const state = readLease(lease, this.#ms.lease)
      if (state.holder !== this.#identity) return
      await this.#client.update(this.#path, { ...fields(lease), spec: releasedSpec(state) }, signal)
    })
  }

  /** Renews the Lease until another replica holds it, or renewing has failed for too long. */
  async #renew(acquiredAt: number, end: AbortSignal): Promise<void> {
    let renewedAt = acquiredAt
    const left = (): number => renewedAt + this.#ms.renew - performance.now()
    while (!end.aborted && left() > 0) {
      await pauseUpTo(Math.min(this.#ms.retry, left()), end)
      // Others count from the time when they see the renewal, which is later.
      const sentAt = performance.now()
      const attempt = left() > 0 ? await this.#attempt(end, left()) : 'failed'
      if (attempt === 'other') return
      if (attempt === 'own') renewedAt = sentAt
    }
  }

  async #attempt(end: AbortSignal, limitMs: number): Promise<Attempt> {
    try {
      const attempt = await limitTime(end, limitMs, (signal) => this.#holdLease(signal))
      this.#listener.succeeded()
      return attempt
    } catch (error) {
      const isRace = error instanceof ApiError && error.status === conflict
      if (!isRace && !end.aborted) this.#listener.failed(error as Error)
      return 'failed'
    }
  }

  /** Creates, takes over or renews the Lease, unless another replica holds it. */
  async #holdLease(signal: AbortSignal): Promise<Attempt> {
    const { lease: durationMs } = this.#ms
    const lease = await this.#readLease(signal)
    if (lease === undefined) {
      const metadata = { name: leaseName, namespace: this.#namespace }
      const spec = leaseSpec(undefined, this.#identity, durationMs)
      await this.#client.create(this.#folder, { apiVersion, kind: 'Lease', metadata, spec }, signal)
      return 'own'
    }
    const state = readLease(lease, durationMs)
    const isFree = state.holder === '' || state.holder === this.#identity
    if (!isFree && !this.#isExpired(lease, state.durationMs)) return 'other'
    const spec = leaseSpec(state, this.#identity, durationMs)
    await this.#client.update(this.#path, { ...fields(lease), spec }, signal)
    return 'own'
  }

  async #readLease(signal: AbortSignal): Promise<unknown> {
    try {
      return await this.#client.get(this.#path, signal)
    } catch (error) {
      if (error instanceof ApiError && error.status === notFound) return undefined
      throw error
    }
  }

  #isExpired(lease: unknown, durationMs: number): boolean {
    const now = performance.now()
    const version = text(fields(fields(lease).metadata).resourceVersion)
    if (version !== this.#seen.version) this.#seen = { version, at: now }
    return now - this.#seen.at > durationMs
  }

  get #path(): string {
    return `${this.#folder}/${leaseName}`
  }
}

/**
 * Takes 80 to 100 percent of the time: a renewal must not be later, and replicas that were started
 * together must not stay in step.
 */
function pauseUpTo(ms: number, signal: AbortSignal): Promise<void> {
  return pause(jittered(0.9 * ms, 1 / 9), { signal })
}
