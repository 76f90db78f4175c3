/** A Prometheus metric, declared once next to the code that collects it. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

/** Buckets of a histogram. */
export interface Distribution {
  /** Upper bounds, without the infinite one. */
  readonly bounds: readonly number[]
  /** Samples up to each bound, and above the last one. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Adds a value of a metric. Label values are in the order of their declaration. */
export type Emit = (
  metric: Metric,
  value: number | Distribution,
  ...labels: readonly string[]
) => void

/** Metrics from one source, collected for each request. */
export interface Collector<Source> {
  readonly metrics: readonly Metric[]
  collect(source: Source, emit: Emit): void | Promise<void>
}

/** Declares a counter. */
export function counter(name: string, help: string, ...labels: readonly string[]): Metric {
  return { name, type: 'counter', help, labels }
}

/** Declares a gauge. */
export function gauge(name: string, help: string, ...labels: readonly string[]): Metric {
  return { name, type: 'gauge', help, labels }
}

/** Declares a histogram. */
export function histogram(name: string, help: string, ...labels: readonly string[]): Metric {
  return { name, type: 'histogram', help, labels }
}
