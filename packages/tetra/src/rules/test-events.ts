import type { Event } from '@tetragon-ts/api'
import { Correlator, compileRules, type LinkedRules, matchedFields } from '@tetragon-ts/rules'
import type { Finding } from './finding.ts'

/** Finds what rules match in recorded events, one after the other. */
export class RuleTest {
  readonly #rules: ReturnType<typeof compileRules>
  readonly #correlator: Correlator
  /** Matches by the title of the filter that excepts them. */
  readonly suppressed = new Map<string, number>()
  /** Findings by the rule's title. */
  readonly found = new Map<string, number>()
  events = 0

  constructor(linked: LinkedRules) {
    this.#rules = compileRules(linked)
    this.#correlator = new Correlator(linked.correlations)
  }

  /** Counts of what correlations could not count. */
  get counts(): Correlator['counts'] {
    return this.#correlator.counts
  }

  /** Evaluates an event. */
  *see(event: Event): Generator<Finding> {
    this.events++
    const time = event.response.time ?? ''
    const parsed = Date.parse(time)
    const timeMs = Number.isNaN(parsed) ? 0 : parsed
    if (event.key === 'rate_limit_info' || event.key === 'process_throttle') {
      this.#correlator.noteLoss(timeMs)
    }
    for (const { rule, alone, suppressedBy, subject } of this.#rules.evaluateEvent(event)) {
      const { process } = subject
      const finding = () => {
        const fields = matchedFields(rule.condition, subject)
        return { kind: 'rule', rule, time, process, fields } as const
      }
      if (suppressedBy !== undefined) {
        add(this.suppressed, suppressedBy.title)
        yield { ...finding(), suppressedBy: suppressedBy.title }
        continue
      }
      if (alone) {
        add(this.found, rule.title)
        yield finding()
      }
      const id = process.exec_id ?? ''
      for (const each of this.#correlator.add({ rule, subject, timeMs, id })) {
        add(this.found, each.correlation.title)
        yield { kind: 'correlation', time, ...each }
      }
    }
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
