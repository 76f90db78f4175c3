import { type Event, KprobeAction } from '@tetragon-ts/api'
import { actionInEvents, actionNames, actions } from '@tetragon-ts/policy/actions'

/**
 * What became of an action: the kernel executed it, the policy only monitored, the kernel refused
 * to execute it, or the agent does not report it (the original Tetragon).
 */
export type Outcome = 'done' | 'monitored' | 'failed' | 'unreported'

/** An action that an event reports, with what became of it. */
export interface EnforcedAction {
  /** As in policies: `Override`. */
  readonly action: string
  /** As in events: `fanotify (only named files of the host)`; empty: not reported. */
  readonly means: string
  readonly outcome: Outcome
  /** With it the policy exceeded its `process-limit`, and monitors since. */
  readonly limitReached: boolean
}

/** Actions that stop a process or its operation, by their names in events. */
const enforcing: ReadonlyMap<string, string> = new Map(
  actionNames
    .filter((name) => actions[name].effect === 'enforce')
    .map((name) => [actionInEvents(name), name]),
)

/** The enforcing actions of an event; none for events of other kinds. */
export function enforcedActions({ body }: Pick<Event, 'body'>): readonly EnforcedAction[] {
  const { enforcement = [] } = 'enforcement' in body ? body : {}
  if (enforcement.length > 0) {
    return enforcement.map(({ action = '', means = '', done, failed, limit_reached }) => {
      const outcome = failed ? 'failed' : done ? 'done' : 'monitored'
      return { action, means, outcome, limitReached: limit_reached === true }
    })
  }
  const named = [
    'action' in body ? body.action : undefined,
    'return_action' in body ? body.return_action : undefined,
  ]
  return named.flatMap((each) => {
    const action = enforcing.get(nameOf(each))
    if (action === undefined) return []
    return [{ action, means: '', outcome: 'unreported', limitReached: false } as const]
  })
}

/** The actions of an event for filters: `Override done`, or `Post`; empty: it has none. */
export function actionText(event: Pick<Event, 'body'>): string {
  const actions = enforcedActions(event)
  if (actions.length > 0) return actions.map(textOf).join(', ')
  const { body } = event
  const name = nameOf('action' in body ? body.action : undefined).replace('KPROBE_ACTION_', '')
  return name.slice(0, 1) + name.slice(1).toLowerCase()
}

const outcomeForm = /\b(?:done|monitored|failed|unreported)$/

/** Whether an event with this {@link actionText} has enforcing actions. */
export function isEnforced(text: string): boolean {
  return outcomeForm.test(text)
}

/** An action and its outcome, as filters find it: `Override done`. */
export function textOf({ action, outcome }: Pick<EnforcedAction, 'action' | 'outcome'>): string {
  return `${action} ${outcome}`
}

const names = new Map(Object.entries(KprobeAction.values).map(([name, value]) => [value, name]))

/** Wire form has numbers where the name is unknown. */
function nameOf(action: string | number | undefined = ''): string {
  return typeof action === 'number' ? (names.get(action) ?? String(action)) : action
}
