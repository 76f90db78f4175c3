import type { Finding } from '@tetragon-ts/api'
import { type EventFacts, techniquesOf } from '../event-facts.ts'
import type { OcsfEvent } from './ocsf-kinds.ts'
import { ocsfProcess } from './ocsf-objects.ts'

/** The class Detection Finding; its analytic is the rule of the highest level. */
export function ocsfFinding(id: string, facts: EventFacts): OcsfEvent {
  const { findings, process, parent, isDenied } = facts
  const [first, ...others] = findings
  return {
    class: 2004,
    activity: 1,
    fields: {
      finding_info: {
        uid: id,
        title: first?.title ?? first?.rule,
        analytic: analyticOf(first ?? {}),
        related_analytics: others.length > 0 ? others.map(analyticOf) : undefined,
        attacks: attacksOf(findings),
      },
      status_id: 1,
      is_alert: true,
      // 2, 2: denied and blocked; 3, 19: observed, an alert.
      action_id: isDenied ? 2 : 3,
      disposition_id: isDenied ? 2 : 19,
      evidences: process && [{ process: ocsfProcess(process, parent) }],
    },
  }
}

function analyticOf({ rule, title }: Finding): object {
  return { type_id: 1, uid: rule, name: title ?? rule }
}

function attacksOf(findings: readonly Finding[]): object[] | undefined {
  const { techniques, subtechniques } = techniquesOf(findings)
  const attacks = techniques.map((uid) => {
    const sub = subtechniques.filter((each) => each.startsWith(`${uid}.`))
    return { technique: { uid }, sub_technique: sub.length === 1 ? { uid: sub[0] } : undefined }
  })
  return attacks.length > 0 ? attacks : undefined
}
