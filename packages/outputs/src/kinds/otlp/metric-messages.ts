import { declare } from '@tetragon-ts/api'
import { KeyValue, Resource, Scope } from './common-messages.ts'

const { bool, double, fixed64, int64, enumeration, many, message } = declare
const { nested, oneOf, optional, string } = declare

// The used fields of opentelemetry/proto/metrics/v1 and collector/metrics/v1.

const Temporality = enumeration('AggregationTemporality', {
  AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
})

export const NumberPoint = message(
  'NumberDataPoint',
  {
    startTimeUnixNano: fixed64(2),
    timeUnixNano: fixed64(3),
    asDouble: double(4),
    attributes: many(nested(7, KeyValue)),
  },
  { oneofs: { value: ['asDouble'] } },
)

export const HistogramPoint = message('HistogramDataPoint', {
  startTimeUnixNano: fixed64(2),
  timeUnixNano: fixed64(3),
  count: fixed64(4),
  sum: optional(double(5)),
  bucketCounts: many(fixed64(6)),
  explicitBounds: many(double(7)),
  attributes: many(nested(9, KeyValue)),
})

const Gauge = message('Gauge', { dataPoints: many(nested(1, NumberPoint)) })

const Sum = message('Sum', {
  dataPoints: many(nested(1, NumberPoint)),
  aggregationTemporality: oneOf(2, Temporality),
  isMonotonic: bool(3),
})

const Histogram = message('Histogram', {
  dataPoints: many(nested(1, HistogramPoint)),
  aggregationTemporality: oneOf(2, Temporality),
})

export const MetricMessage = message(
  'Metric',
  {
    name: string(1),
    description: string(2),
    gauge: nested(5, Gauge),
    sum: nested(7, Sum),
    histogram: nested(9, Histogram),
  },
  { oneofs: { data: ['gauge', 'sum', 'histogram'] } },
)

const ScopeMetrics = message('ScopeMetrics', {
  scope: nested(1, Scope),
  metrics: many(nested(2, MetricMessage)),
})

const ResourceMetrics = message('ResourceMetrics', {
  resource: nested(1, Resource),
  scopeMetrics: many(nested(2, ScopeMetrics)),
})

export const ExportMetricsRequest = message('ExportMetricsServiceRequest', {
  resourceMetrics: many(nested(1, ResourceMetrics)),
})

const PartialSuccess = message('ExportMetricsPartialSuccess', {
  rejectedDataPoints: int64(1),
  errorMessage: string(2),
})

export const ExportMetricsResponse = message('ExportMetricsServiceResponse', {
  partialSuccess: nested(1, PartialSuccess),
})
