import { eventClasses, eventClassNames } from '@tetragon-ts/outputs/queue'
import { counter, gauge } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const sent = counter('tetragon_output_events_sent_total', 'Events that outputs have sent', 'output')
const refused = counter(
  'tetragon_output_events_refused_total',
  'Events that receivers of outputs will never accept',
  'output',
)
const retried = counter(
  'tetragon_output_events_retried_total',
  'Attempts of outputs to send an event again',
  'output',
)
const lost = counter(
  'tetragon_output_events_lost_total',
  'Events that outputs could not queue, or had not sent at the end, by class',
  'output',
  'class',
)
const failing = gauge(
  'tetragon_output_failing',
  '1 if the last attempt of the output to send events failed',
  'output',
)
const storeFailing = gauge(
  'tetragon_output_spool_failing',
  '1 if the output cannot write events to its spool',
  'output',
)
const queued = gauge('tetragon_output_queue_bytes', 'Bytes that outputs have queued', 'output')
const lag = gauge(
  'tetragon_output_lag_seconds',
  'Time since the arrival of the first event that the output has not sent',
  'output',
)

/** The outputs of events. */
export const outputCollector: Collector = {
  metrics: [sent, refused, retried, lost, failing, storeFailing, queued, lag],
  collect({ outputs }, emit) {
    for (const output of outputs) {
      const { name } = output
      emit(sent, output.sent, name)
      emit(refused, output.refused, name)
      emit(retried, output.retried, name)
      for (const each of eventClasses) emit(lost, output.lost[each], name, eventClassNames[each])
      emit(failing, output.failure === undefined ? 0 : 1, name)
      emit(storeFailing, output.storeFailure === undefined ? 0 : 1, name)
      emit(queued, output.queuedBytes, name)
      emit(lag, output.lag / 1000, name)
    }
  },
}
