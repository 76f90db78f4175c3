import type { MetricSource } from './metric-source.ts'

/** A metric as Prometheus knows it. Each is declared once, beside the code that fills it. */
export interface Metric {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

/** Where a histogram's samples fell. */
export interface Distribution {
  /** Upper ends, the last one aside, which is infinite. */
  readonly bounds: readonly number[]
  /** Samples up to each bound, and beyond the last one. */
  readonly counts: readonly number[]
  readonly sum: number
}

/** Takes a value of a metric. The values of labels are in the order of their declaration. */
export type Emit = (
  metric: Metric,
  value: number | Distribution,
  ...labels: readonly string[]
) => void

/** Metrics from one source. They are read for each request. */
export interface Collector {
  readonly metrics: readonly Metric[]
  collect(source: MetricSource, emit: Emit): void | Promise<void>
}

/** Declares a metric that only grows. */
export function counter(name: string, help: string, ...labels: readonly string[]): Metric {
  return { name, type: 'counter', help, labels }
}

/** Declares a metric that goes up and down. */
export function gauge(name: string, help: string, ...labels: readonly string[]): Metric {
  return { name, type: 'gauge', help, labels }
}

/** Declares a distribution. */
export function histogram(name: string, help: string, ...labels: readonly string[]): Metric {
  return { name, type: 'histogram', help, labels }
}
