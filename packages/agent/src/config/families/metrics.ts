import { readMetricOutput } from '@tetragon-ts/outputs/metrics/specification'
import { parseAddress } from '@tetragon-ts/service/listen'
import { flag, list, optional } from '@tetragon-ts/service/options'
import { namedUrls } from './outputs.ts'

/** Metrics for Prometheus and OpenTelemetry. */
export const metricOptions = {
  'metrics-server': optional({
    value: 'ADDRESS',
    help: 'serve metrics at http://ADDRESS/metrics, such as localhost:2112 or :2112',
    read: (given) => (given === '' ? undefined : parseAddress(given)),
  }),
  'metrics-output': namedUrls(
    'metrics outputs',
    'also push metrics to this collector of OpenTelemetry, such as ' +
      'otel=otlp://collector.example:4317?interval=1m; can be repeated; ' +
      'docs/reference/outputs.md has all parameters',
    readMetricOutput,
  ),
  'metrics-label-filter': list({
    omitsEmpty: true,
    value: 'LABELS',
    default: 'namespace,workload,pod,binary',
    help: 'labels of event metrics, a subset of the default',
  }),
  'enable-event-metrics': flag({
    default: 'true',
    help: 'count events by type, hook, pod and binary while metrics are served or pushed',
  }),
  'enable-msg-handling-latency': flag({ help: 'measure the time to process an event' }),
}
