import type { MessageOf } from '@tetragon-ts/api'
import type { Distribution, Metric, MetricTable, Series } from '@tetragon-ts/service/metrics'
import type {
  ExportMetricsRequest,
  HistogramPoint,
  MetricMessage,
  NumberPoint,
} from '../kinds/otlp/metric-messages.ts'
import { originOf, type Sender } from '../kinds/otlp/origin.ts'

/** When values count from, and until when, in milliseconds since 1970. */
export interface Period {
  readonly start: number
  readonly end: number
}

/** A request, and its number of points. */
export interface MetricRequest {
  readonly message: MessageOf<typeof ExportMetricsRequest>
  readonly points: number
}

/** Points in a request: with long labels it is below the 4 MiB that servers of gRPC accept. */
const pointsMax = 500

const aggregationTemporality = 'AGGREGATION_TEMPORALITY_CUMULATIVE'

/** The requests for metrics at one time: counters since the start of the agent, and gauges. */
export function* metricRequests(
  table: MetricTable,
  sender: Sender,
  period: Period,
): Generator<MetricRequest> {
  const { resource, scope } = originOf(sender)
  const all = [...table].flatMap(([metric, series]) => {
    return [...series].map((each) => [metric, each] as const)
  })
  for (let at = 0; at < all.length; at += pointsMax) {
    const part = all.slice(at, at + pointsMax)
    const metrics = metricMessages(part, period)
    const message = { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] }
    yield { message, points: part.length }
  }
}

/** @param part series of a metric are next to each other */
function metricMessages(
  part: readonly (readonly [Metric, Series])[],
  period: Period,
): MessageOf<typeof MetricMessage>[] {
  const seriesOf = new Map<Metric, Series[]>()
  for (const [metric, series] of part) {
    const known = seriesOf.get(metric)
    if (known === undefined) seriesOf.set(metric, [series])
    else known.push(series)
  }
  return [...seriesOf].map(([{ name, help, type }, series]) => {
    const numbers = () => series.map((each) => numberPoint(each, type === 'gauge', period))
    const data = {
      counter: () => ({
        sum: { dataPoints: numbers(), aggregationTemporality, isMonotonic: true },
      }),
      gauge: () => ({ gauge: { dataPoints: numbers() } }),
      histogram: () => ({
        histogram: {
          dataPoints: series.map((each) => histogramPoint(each, period)),
          aggregationTemporality,
        },
      }),
    }
    return { name, description: help, ...data[type]() }
  })
}

function numberPoint(
  { labels, value }: Series,
  isMomentary: boolean,
  { start, end }: Period,
): MessageOf<typeof NumberPoint> {
  return {
    startTimeUnixNano: isMomentary ? undefined : nanoseconds(start),
    timeUnixNano: nanoseconds(end),
    asDouble: value as number,
    attributes: attributesOf(labels),
  }
}

/** Buckets include their upper bound, as those of Prometheus. */
function histogramPoint(
  { labels, value }: Series,
  { start, end }: Period,
): MessageOf<typeof HistogramPoint> {
  const { bounds, counts, sum } = value as Distribution
  return {
    startTimeUnixNano: nanoseconds(start),
    timeUnixNano: nanoseconds(end),
    count: counts.reduce((all, each) => all + each, 0),
    sum,
    bucketCounts: [...counts],
    explicitBounds: [...bounds],
    attributes: attributesOf(labels),
  }
}

function attributesOf(labels: Series['labels']) {
  return labels.map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

function nanoseconds(ms: number): string {
  return `${Math.round(ms)}000000`
}
