import { codecOf, type MessageOf } from '@tetragon-ts/api'
import type { MetricTable } from '@tetragon-ts/service/metrics'
import { pause, pauseUntil } from '@tetragon-ts/service/timers'
import { longestPause, SendError } from '../connection.ts'
import { protobufRequests } from '../kinds/http/formats/otlp.ts'
import { HttpRequests } from '../kinds/http/http-requests.ts'
import { ExportMetricsRequest, ExportMetricsResponse } from '../kinds/otlp/metric-messages.ts'
import type { Sender } from '../kinds/otlp/origin.ts'
import { OtlpCalls } from '../kinds/otlp/otlp-calls.ts'
import { decodeResponse } from '../kinds/otlp/response.ts'
import { printable, reasonOf } from '../network/failure-reason.ts'
import { type MetricRequest, metricRequests } from './metric-requests.ts'
import { type MetricOutputSpecification, readMetricOutput } from './metric-specification.ts'

/** How long the last push may take, in milliseconds. */
const lastMs = 1000
const path = '/v1/metrics'

/** What an output of metrics knows of the agent. */
export interface MetricOutputHost {
  readonly sender: Sender
  /** Start of the agent, in milliseconds since 1970. */
  readonly startedAt: number
  /** All metrics, as they are now. */
  collect(): Promise<MetricTable>
  /** A message for the operator. */
  warn(message: string): void
}

/** Numbers and health of an output of metrics, since the start. */
export interface MetricOutputStatus {
  readonly name: string
  /** The URL without parameters. */
  readonly address: string
  /** Why the last push failed; undefined if it succeeded, or there was none. */
  readonly failure: string | undefined
  /** Points that the receiver has accepted. */
  readonly sent: number
  /** Points that the receiver has refused, and the last reason. */
  readonly refused: number
  readonly refusal: string | undefined
  /** Number of pushes that failed. */
  readonly failed: number
  /** Time of the last push that succeeded, in milliseconds since 1970; undefined: none. */
  readonly lastSuccess: number | undefined
}

/** Sends a request, and returns the answer. */
interface Transport {
  send(request: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
  close(): void
}

/**
 * Pushes metrics to a collector. One push runs at a time; the values of one that failed are not
 * kept, since those of the next include them.
 */
export class MetricOutput {
  readonly #specification: MetricOutputSpecification
  readonly #host: MetricOutputHost
  readonly #transport: Transport
  /** Aborted at the end. */
  readonly #end = new AbortController()
  readonly #over: Promise<void>
  #sending: AbortController | undefined
  #failure: string | undefined
  #sent = 0
  #refused = 0
  #refusal: string | undefined
  #failed = 0
  #lastSuccess: number | undefined

  /**
   * Opens an output, without connecting to anything.
   * @param text `NAME=URL`
   * @throws BadValue, also if a file of a parameter cannot be read
   */
  static async open(text: string, host: MetricOutputHost): Promise<MetricOutput> {
    const specification = readMetricOutput(text)
    return new MetricOutput(specification, host, await openTransport(specification, host))
  }

  private constructor(
    specification: MetricOutputSpecification,
    host: MetricOutputHost,
    transport: Transport,
  ) {
    this.#specification = specification
    this.#host = host
    this.#transport = transport
    this.#over = this.#run()
  }

  get status(): MetricOutputStatus {
    const { name, url } = this.#specification
    return {
      name,
      address: `${url.protocol}//${url.host}${url.pathname}`,
      failure: this.#failure,
      sent: this.#sent,
      refused: this.#refused,
      refusal: this.#refusal,
      failed: this.#failed,
      lastSuccess: this.#lastSuccess,
    }
  }

  /** Pushes a last time, if the receiver works, and within a second. */
  async close(): Promise<void> {
    this.#end.abort()
    await pauseUntil(this.#over, lastMs)
    this.#sending?.abort(new Error('the agent ends'))
    this.#transport.close()
  }

  async #run(): Promise<void> {
    const { interval } = this.#specification.values
    const { signal } = this.#end
    // Agents of a cluster may start together.
    let wait = interval * Math.random()
    for (;;) {
      await pause(wait, { signal, ref: false })
      if (signal.aborted && this.#failure !== undefined) return
      const begun = performance.now()
      const afterMs = await this.#push()
      if (signal.aborted) return
      const left = interval - (performance.now() - begun)
      wait = Math.max(left, Math.min(afterMs, longestPause), 0)
    }
  }

  /** @returns milliseconds that the receiver asks to wait */
  async #push(): Promise<number> {
    const { sender, startedAt, collect, warn } = this.#host
    try {
      const table = await collect()
      const period = { start: startedAt, end: Date.now() }
      for (const request of metricRequests(table, sender, period)) await this.#send(request)
    } catch (error) {
      this.#failed++
      // The next push reads files again.
      this.#transport.close()
      const reason = reasonOf(error as Error)
      if (this.#failure === undefined) warn(`${this.#title} failed: ${reason}`)
      this.#failure = reason
      return error instanceof SendError ? error.afterMs : 0
    }
    this.#lastSuccess = Date.now()
    if (this.#failure !== undefined) warn(`${this.#title} works again`)
    this.#failure = undefined
    return 0
  }

  async #send({ message, points }: MetricRequest): Promise<void> {
    const request = codecOf(ExportMetricsRequest).encode(message)
    let answer: Uint8Array
    try {
      answer = await this.#withTimeout((signal) => this.#transport.send(request, signal))
    } catch (error) {
      const { remedy = 'again' } = error as Partial<SendError>
      if (remedy !== 'again') this.#refuse(points, (error as Error).message)
      throw error
    }
    const response: MessageOf<typeof ExportMetricsResponse> = decodeResponse(
      ExportMetricsResponse,
      answer,
    )
    const { rejectedDataPoints = 0, errorMessage = '' } = response.partialSuccess ?? {}
    const rejected = Math.min(points, Math.max(0, Number(rejectedDataPoints)))
    if (rejected > 0) this.#refuse(rejected, errorMessage)
    this.#sent += points - rejected
  }

  async #withTimeout<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeout } = this.#specification.values
    const sending = new AbortController()
    this.#sending = sending
    const message = `no answer within ${timeout} ms`
    const timer = setTimeout(() => sending.abort(new Error(message)), timeout)
    try {
      return await action(sending.signal)
    } finally {
      clearTimeout(timer)
      this.#sending = undefined
    }
  }

  #refuse(points: number, reason: string): void {
    const text = printable(reason)
    if (this.#refused === 0) this.#host.warn(`${this.#title} refused ${points} points: ${text}`)
    this.#refused += points
    this.#refusal = text
  }

  get #title(): string {
    return `metrics output ${this.#specification.name}`
  }
}

/** @throws BadValue if a file cannot be read */
async function openTransport(
  { url, values, isGrpc }: MetricOutputSpecification,
  { sender: { version } }: MetricOutputHost,
): Promise<Transport> {
  if (isGrpc) {
    const calls = new OtlpCalls({ url, values, version }, 'metrics.v1.MetricsService')
    await calls.prepare()
    return calls
  }
  const full = new URL(url.pathname === '/' ? path : url.pathname, url)
  const requests = new HttpRequests({ url: full, values, version }, protobufRequests)
  await requests.prepare()
  return {
    send: async (request, signal) => (await requests.post(request, signal)).body,
    close: () => requests.close(),
  }
}
