export {
  type CollectedMetric,
  type CollectedMetrics,
  type CollectedPoint,
  Collector,
  missingCollector,
} from '../../kinds/otlp/testing/collector.ts'
