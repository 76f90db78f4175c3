import type { HookDescription } from '@tetragon-ts/sensors/hooks'

/** The constant members behind the arguments and the result of an event. */
export interface HookEnding {
  /** All of them, for events without stacks. */
  readonly whole: string
  /** In front of the kernel's stack, and between the two stacks. */
  readonly parts: readonly [first: string, second: string]
}

/** The constant members of a hook's events, with a comma in front of each. */
export interface HookTexts {
  /** By function index: in front of the arguments. */
  readonly head: readonly string[]
  /** By what `endingKind` gives, by selector. */
  readonly endings: readonly (readonly HookEnding[])[]
}

/** Actions that find nothing to do where a descriptor is not followed. */
const idleActions: ReadonlySet<string> = new Set(['UnfollowFD', 'CopyFD'])

/**
 * Which endings an event has.
 * @param isIdle the action found nothing to do @param returned there is a result
 */
export function endingKind(isIdle: boolean, returned: boolean): number {
  return (isIdle ? 2 : 0) + (returned ? 1 : 0)
}

/** Makes the texts of a hook; members come in the order of their declarations in the API. */
export function hookTexts(description: HookDescription): HookTexts {
  const { functions, actions, returnActions } = description
  const endings = (isIdle: boolean, returned: boolean): HookEnding[] =>
    actions.map((action, i) => {
      const first = actionJson(description, isIdle && idleActions.has(action) ? 'Post' : action)
      const second = endJson(description, returned ? returnActions[i] : undefined)
      const parts = [latin1(first), latin1(second)] as const
      return { whole: parts.join(''), parts }
    })
  return {
    head: functions.map((name) => latin1(headJson(description, name))),
    endings: [
      endings(false, false),
      endings(false, true),
      endings(true, false),
      endings(true, true),
    ],
  }
}

/** @param returnAction the action at the return; an event without one reports Post */
function endJson(description: HookDescription, returnAction = 'Post'): string {
  if (description.event !== 'process_kprobe') return ''
  const action = `,"return_action":"${actionName(returnAction)}"`
  return policyJson(description) + action + messageJson(description) + tagsJson(description)
}

function headJson(description: HookDescription, name: string): string {
  const { event } = description
  if (event === 'process_tracepoint') {
    const [subsys, tracepoint] = name.split('/')
    return `,"subsys":${JSON.stringify(subsys)},"event":${JSON.stringify(tracepoint)}`
  }
  const head = `,"function_name":${JSON.stringify(name)}`
  return event === 'process_lsm' ? head + policyJson(description) + messageJson(description) : head
}

function actionJson(description: HookDescription, action: string): string {
  const json = `,"action":"${actionName(action)}"`
  switch (description.event) {
    case 'process_tracepoint':
      return policyJson(description) + json + messageJson(description) + tagsJson(description)
    case 'process_lsm':
      return json + tagsJson(description)
    default:
      return json
  }
}

function actionName(action: string): string {
  return `KPROBE_ACTION_${action.toUpperCase()}`
}

function policyJson({ policyName }: HookDescription): string {
  return policyName === '' ? '' : `,"policy_name":${JSON.stringify(policyName)}`
}

function messageJson({ message }: HookDescription): string {
  return message === '' ? '' : `,"message":${JSON.stringify(message)}`
}

function tagsJson({ tags }: HookDescription): string {
  return tags.length === 0 ? '' : `,"tags":${JSON.stringify(tags)}`
}

/** UTF-8 in a string of one byte per character, as the writer takes it. */
export function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
