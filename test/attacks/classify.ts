import type { Action } from './action.ts'
import type { ActionEvent, ActionFinding } from './process-tree.ts'
import type { ActionRun } from './run-action.ts'

/** Classes of results, in the order of the page; each action has one. */
export const resultClasses = {
  detected: 'detected with the right technique',
  indirect: 'detected indirectly',
  prevented: 'prevented',
  seen: 'seen only',
  unseen: 'not seen',
  notRunnable: 'not runnable',
} as const

export type ResultClass = keyof typeof resultClasses

/** What became of an action. */
export interface ActionResult {
  readonly id: string
  readonly class: ResultClass
  /** Of the finding that decided. */
  readonly level?: string
  /** The finding's title; what was seen; why nothing was. */
  readonly why: string
}

const levels = ['informational', 'low', 'medium', 'high', 'critical']
const preventing = /SIGKILL|SIGNAL|OVERRIDE|NOTIFYENFORCER/

/** Whether a finding names the technique, its parent or, if it has none itself, a part of it. */
export function namesTechnique(finding: ActionFinding, technique: string): boolean {
  const [parent] = technique.split('.')
  return finding.techniques.some((each) =>
    technique.includes('.') ? each === technique || each === parent : each.split('.')[0] === parent,
  )
}

/** Decides the class of an action by what happened and by the events of its processes. */
export function classify(
  action: Action,
  run: ActionRun,
  events: readonly ActionEvent[],
): ActionResult {
  const { id, technique } = action
  if (!run.ran) return { id, class: 'notRunnable', why: run.reason }
  if (!run.effect) {
    const stopped = events.find((event) => preventing.test(event.action ?? ''))
    if (stopped !== undefined) return { id, class: 'prevented', why: stopped.policy ?? '' }
    return { id, class: 'notRunnable', why: `no effect here: ${run.output}` }
  }
  const findings = events
    .flatMap((event) => event.findings)
    .sort((a, b) => levels.indexOf(b.level) - levels.indexOf(a.level))
  const right = findings.find((each) => namesTechnique(each, technique))
  if (right !== undefined) {
    return { id, class: 'detected', level: right.level, why: right.title }
  }
  if (findings.length > 0) {
    const [{ level, title, techniques }] = findings
    return { id, class: 'indirect', level, why: `${title} (${techniques.join(', ')})` }
  }
  return withoutFinding(action, events)
}

function withoutFinding({ id, blind }: Action, events: readonly ActionEvent[]): ActionResult {
  const others = events.filter(({ kind, ofScript }) => !ofScript || !/_(?:exec|exit)$/.test(kind))
  if (others.length === 0) {
    return { id, class: 'unseen', why: blind ?? 'no event besides those of the shell itself' }
  }
  const policies = [...new Set(others.map(({ policy }) => policy).filter((each) => each))]
  const seen = policies.length > 0 ? `policy ${policies.join(', ')}` : 'programs only'
  return { id, class: 'seen', why: blind === undefined ? seen : `${seen}: ${blind}` }
}
