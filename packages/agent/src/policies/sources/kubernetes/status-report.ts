import { isDeepStrictEqual } from 'node:util'
import { type ApiClient, ApiError, isWebhookFailure } from '@tetragon-ts/kubernetes'
import { type NodeKernel, type NodeStatus, nodeStatusKind } from '@tetragon-ts/policy/status'
import { backoffMs, jittered } from '@tetragon-ts/service/retry'
import { RepeatedAction } from '@tetragon-ts/service/timers'
import type { SourceLog } from '../policy-source.ts'
import { defaultReportMs, type ReportMs, reportWindowMs } from './report-times.ts'
import { type NodeReport, type OwnPod, StoredReport } from './stored-report.ts'

const resource = `${nodeStatusKind.plural}.cilium.io`
const remedies: Readonly<Record<number, string>> = {
  403: `; the agent's account needs the verbs create, get and update on ${resource}`,
  404: `; the CRD ${resource} is not installed`,
}

/**
 * Attempts while the webhook of the operator does not answer, before that is a warning: they take
 * a minute, in which an installation starts the operator.
 */
const webhookAttempts = 7

/**
 * Reports the states of policies on this node to the API server, when they have changed: at a
 * random moment of a window that grows with the cluster, because all agents see a new policy at the
 * same time.
 */
export class StatusReport {
  readonly #stored: StoredReport
  readonly #status: () => NodeStatus
  #kernel: NodeKernel | undefined
  readonly #log: SourceLog
  readonly #ms: ReportMs
  readonly #end = new AbortController()
  readonly #checks: readonly RepeatedAction[]
  #written: NodeReport | undefined
  #nodes: number | undefined
  /** The write that waits: since when, and its part of the window. */
  #planned: { readonly since: number; readonly part: number } | undefined
  #timer: NodeJS.Timeout | undefined
  #isWriting = false
  /** Attempts that failed since the last success. */
  #failures = 0
  /** What the log has about them. */
  #logged: 'nothing' | 'waiting' | 'warning' = 'nothing'

  /** @param status the states now */
  constructor(
    client: ApiClient,
    pod: OwnPod,
    status: () => NodeStatus,
    log: SourceLog,
    ms: ReportMs = defaultReportMs,
  ) {
    this.#stored = new StoredReport(client, pod)
    this.#status = status
    this.#log = log
    this.#ms = ms
    const check = (name: string, interval: number, action: () => void | Promise<void>) =>
      new RepeatedAction(name, interval, action, (message) => log.warning(message))
    this.#checks = [
      check('look at the states of policies', ms.look, () => this.changed()),
      check('verify the status of policies', jittered(ms.verify), () => this.#verify()),
    ]
  }

  /** States may have changed. */
  changed(): void {
    if (this.#planned !== undefined || this.#isWriting || this.#end.signal.aborted) return
    if (this.#written !== undefined && isDeepStrictEqual(this.#written, this.#current())) return
    this.#planned = { since: performance.now(), part: Math.random() }
    this.#arm()
  }

  /** The kernel of the node, which the report names. */
  useKernel(kernel: NodeKernel): void {
    this.#kernel = kernel
    this.changed()
  }

  #current(): NodeReport {
    return { status: this.#status(), kernel: this.#kernel }
  }

  /** @param nodes number of nodes with an agent; undefined: not known */
  useClusterSize(nodes: number | undefined): void {
    if (nodes === undefined || nodes === this.#nodes) return
    this.#nodes = nodes
    if (this.#planned !== undefined && this.#failures === 0) this.#arm()
  }

  close(): void {
    this.#end.abort()
    clearTimeout(this.#timer)
    for (const check of this.#checks) check[Symbol.dispose]()
  }

  /** Sets the time of the planned write. */
  #arm(): void {
    if (this.#planned === undefined) return
    const { since, part } = this.#planned
    const { settle, retry } = this.#ms
    const wait =
      this.#failures === 0
        ? settle + part * reportWindowMs(this.#nodes, this.#ms)
        : backoffMs(retry, this.#failures, part)
    clearTimeout(this.#timer)
    const due = Math.max(since + wait - performance.now(), 0)
    this.#timer = setTimeout(() => void this.#write(), due).unref()
  }

  async #write(): Promise<void> {
    this.#planned = undefined
    this.#isWriting = true
    try {
      const report = this.#current()
      await this.#stored.write(report, this.#end.signal)
      this.#written = report
      this.#failures = 0
      this.#logged = 'nothing'
    } catch (error) {
      if (this.#end.signal.aborted) return
      this.#failures++
      this.#logFailure(error as Error)
    }
    this.#isWriting = false
    this.changed()
  }

  /** Once for each outage. */
  #logFailure(error: Error): void {
    const message = `report the status of policies: ${error.message}`
    if (isWebhookFailure(error) && this.#failures < webhookAttempts) {
      if (this.#logged !== 'nothing') return
      this.#logged = 'waiting'
      this.#log.info(`${message}; it is tried again until the operator is ready`)
    } else if (this.#logged !== 'warning') {
      this.#logged = 'warning'
      const remedy = (error instanceof ApiError && remedies[error.status]) || ''
      this.#log.warning(`${message}${remedy}; policies work without it, and it is tried again`)
    }
  }

  async #verify(): Promise<void> {
    if (this.#written === undefined || this.#isWriting || this.#planned !== undefined) return
    try {
      if (await this.#stored.differs(this.#written, this.#end.signal)) this.#written = undefined
    } catch {
      // The next write has the error.
    }
    this.changed()
  }
}
