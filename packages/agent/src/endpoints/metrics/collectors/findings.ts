import { counter } from '@tetragon-ts/service/metrics'
import type { Collector } from '../metric-source.ts'

const findings = counter(
  'tetragon_findings_total',
  'Findings of detection rules, including repeats that were left out',
  'rule',
  'level',
)
const omitted = counter(
  'tetragon_findings_omitted_total',
  'Findings that are not in events: excepted by a filter, repeated within a minute, too many in one event; ' +
    'and events on which a rule failed, or that were written before rules were in force at the start',
  'reason',
)

const unmatched = counter(
  'tetragon_findings_unmatched_events_total',
  'Events of policies for detection rules on which no rule had a finding to report: they are dropped',
)

/** Metrics of detection rules. */
export const findingCollector: Collector = {
  metrics: [findings, omitted, unmatched],
  collect({ totals }, emit) {
    const { rules, excepted, folded, omitted: tooMany, failed, early } = totals.findings
    for (const { rule, level, count } of rules) emit(findings, count, rule, level)
    emit(omitted, excepted, 'excepted')
    emit(omitted, folded, 'repeated')
    emit(omitted, tooMany, 'too_many')
    emit(omitted, failed, 'failed')
    emit(omitted, early, 'starting')
    emit(unmatched, totals.findings.unmatched)
  },
}
