// Prometheus metrics: declarations, text format, and metrics that every program has.

export { nodejs } from './collectors/nodejs.ts'
export { processCollector } from './collectors/process.ts'
export {
  type Collector,
  counter,
  type Distribution,
  type Emit,
  gauge,
  histogram,
  type Metric,
} from './metric.ts'
export { collect, MetricTable, type Series } from './metric-table.ts'
export { contentType, textOf } from './text-format.ts'
