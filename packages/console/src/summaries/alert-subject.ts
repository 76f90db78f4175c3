import type { Subject } from '../store/filter.ts'
import { type Alert, alertFields } from './alert-groups.ts'

/** What a filter sees of an alert: words are looked for in its texts. */
export function alertSubject(alert: Alert): Subject {
  const fields = alertFields(alert)
  const texts = [alert.title, alert.rule, alert.parent, ...Object.values(fields)]
  return { has: (word) => texts.some((text) => word.isIn(text)), fields }
}
