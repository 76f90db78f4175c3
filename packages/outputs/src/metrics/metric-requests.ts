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

/** A request is below the 4 MiB that servers of gRPC accept, also if programs choose its labels. */
const bytesMax = 2 ** 20
const pointsMax = 500
/** Of a point, beyond its labels and the parts of its distribution. */
const pointBytes = 64
const labelBytes = 16
const bucketBytes = 16

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
  for (const part of partsOf(all)) {
    const metrics = metricMessages(part, period)
    const message = { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] }
    yield { message, points: part.length }
  }
}

type MetricSeries = readonly [Metric, Series]

/** Each has one at least: a series that is larger than a request is for the receiver to refuse. */
function* partsOf(all: readonly MetricSeries[]): Generator<MetricSeries[]> {
  let part: MetricSeries[] = []
  let bytes = 0
  for (const each of all) {
    const more = sizeOf(each[1])
    if (part.length === pointsMax || (part.length > 0 && bytes + more > bytesMax)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(each)
    bytes += more
  }
  if (part.length > 0) yield part
}

/** Bytes of a series in a request, at most. */
function sizeOf({ labels, value }: Series): number {
  const buckets = typeof value === 'number' ? 0 : value.counts.length
  const texts = labels.reduce(
    (sum, [name, text]) => sum + labelBytes + Buffer.byteLength(name) + Buffer.byteLength(text),
    0,
  )
  return pointBytes + texts + buckets * bucketBytes
}

/** @param part series of a metric are next to each other */
function metricMessages(
  part: readonly MetricSeries[],
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
