import type { EventStore } from '../store/event-store.ts'
import type { Span } from '../store/span.ts'
import { decodeEvent } from './describe-event.ts'
import type { Report } from './protocol.ts'
import { WorkSlices } from './work-slices.ts'

/** Milliseconds between reports of a dry run. */
const reportMs = 250

/** Loaded on demand: the checker is half of the worker. */
const loadChecker = () => import('../checker/check-policy.ts')
const loadTrial = () => import('../checker/policy-trial.ts')

/** Answers what the page asks about texts of policies. */
export function policyRequests(
  store: EventStore,
  report: (message: Report) => void,
): {
  check(text: string): Promise<void>
  /** Tries a text on the kept events of a span. */
  try(text: string, span: Span | undefined): Promise<void>
} {
  let trials = 0
  return {
    async check(text) {
      const { checkPolicy } = await loadChecker()
      report({ kind: 'check', text, check: await checkPolicy(text) })
    },
    async try(text, span) {
      const number = ++trials
      const { PolicyTrial } = await loadTrial()
      const trial = new PolicyTrial(text)
      const slices = new WorkSlices()
      let reportedAt = performance.now()
      const send = (remaining: number): void => {
        reportedAt = performance.now()
        report({ kind: 'trial', text, span, result: trial.result, remaining })
      }
      for (const { ids, remaining } of store.idsBySegment(span)) {
        await slices.pause()
        for (const [i, id] of ids.entries()) {
          // Another text is tried.
          if (number !== trials) return
          const stored = store.get(id)
          // Dropped while others were tried.
          if (stored === undefined) continue
          const { time, line, bytes } = stored
          trial.see({ id, time, line }, decodeEvent(bytes))
          if (!slices.isOver) continue
          if (performance.now() > reportedAt + reportMs) send(remaining + ids.length - i - 1)
          await slices.pause()
        }
      }
      if (number === trials) send(0)
    },
  }
}
