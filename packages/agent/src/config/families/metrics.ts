import { parseAddress } from '@tetragon-ts/service/listen'
import { flag, list, optional } from '@tetragon-ts/service/options'

/** Metrics for Prometheus. */
export const metricOptions = {
  'metrics-server': optional({
    value: 'ADDRESS',
    help: 'serve metrics at http://ADDRESS/metrics, such as localhost:2112 or :2112',
    read: (given) => (given === '' ? undefined : parseAddress(given)),
  }),
  'metrics-label-filter': list({
    omitsEmpty: true,
    value: 'LABELS',
    default: 'namespace,workload,pod,binary',
    help: 'labels of event metrics, a subset of the default',
  }),
  'enable-event-metrics': flag({
    default: 'true',
    help: 'count events by type, hook, pod and binary while metrics are served',
  }),
  'enable-msg-handling-latency': flag({ help: 'measure the time to process an event' }),
}
