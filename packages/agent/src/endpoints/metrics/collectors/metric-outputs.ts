import { counter, gauge } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const sent = counter(
  'tetragon_metrics_output_points_sent_total',
  'Points of metrics that outputs of metrics have sent',
  'output',
)
const refused = counter(
  'tetragon_metrics_output_points_refused_total',
  'Points of metrics that receivers have refused',
  'output',
)
const failed = counter(
  'tetragon_metrics_output_failures_total',
  'Pushes of metrics that failed',
  'output',
)
const success = gauge(
  'tetragon_metrics_output_last_success_timestamp_seconds',
  'Time of the last push that succeeded, in seconds since 1970; 0 without one',
  'output',
)

/** The outputs of metrics. */
export const metricOutputCollector: Collector = {
  metrics: [sent, refused, failed, success],
  collect({ metricOutputs }, emit) {
    for (const { name, lastSuccess = 0, ...output } of metricOutputs) {
      emit(sent, output.sent, name)
      emit(refused, output.refused, name)
      emit(failed, output.failed, name)
      emit(success, lastSuccess / 1000, name)
    }
  },
}
