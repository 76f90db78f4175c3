import type { EventHead, HookDescription } from '@tetragon-ts/compiler/hooks'
import { actionInEvents } from '@tetragon-ts/policy/actions'

/** The constant members after the arguments and the result of an event, as UTF-8. */
export interface HookEnding {
  /** All of them, for events without stacks. */
  readonly whole: Uint8Array
  /** Before the kernel's stack, and between the two stacks. */
  readonly parts: readonly [first: Uint8Array, second: Uint8Array]
}

/** The constant members of a hook's events, each with a leading comma, as UTF-8. */
export interface HookTexts {
  /** Before the process. */
  readonly start: Uint8Array
  /** By function index: before the arguments. */
  readonly head: readonly Uint8Array[]
  /** By the index of `endingKind`, by selector. */
  readonly endings: readonly (readonly HookEnding[])[]
}

/** Actions without effect on a descriptor that is not followed. */
const idleActions: ReadonlySet<string> = new Set(['UnfollowFD', 'CopyFD'])

/** What decides about the actions of an event. */
export interface EndingKind {
  /** The action had no effect. */
  readonly isIdle: boolean
  /** There is a result. */
  readonly returned: boolean
  /** Enforcing actions at the entry were executed. */
  readonly enforced?: boolean
  /** The same at the return. */
  readonly returnEnforced?: boolean
}

/** Selects the ending of an event. */
export function endingKind(kind: EndingKind): number {
  const { isIdle, returned, enforced = false, returnEnforced = false } = kind
  return (
    (isIdle ? 2 : 0) +
    (returned ? 1 : 0) +
    (enforced ? 4 : 0) +
    (returned && returnEnforced ? 8 : 0)
  )
}

/** All kinds, in the order of their numbers; hooks that only observe have the first four. */
const endingKinds: readonly EndingKind[] = Array.from({ length: 16 }, (_, bits) => ({
  isIdle: (bits & 2) !== 0,
  returned: (bits & 1) !== 0,
  enforced: (bits & 4) !== 0,
  returnEnforced: (bits & 8) !== 0,
}))

/** Creates the texts of a hook; members are in the order of their declarations in the API. */
export function hookTexts(description: HookDescription): HookTexts {
  const { heads, actions, enforcedActions, returnActions, enforcedReturnActions } = description
  const endings = ({ isIdle, returned, enforced, returnEnforced }: EndingKind): HookEnding[] =>
    (enforced ? enforcedActions : actions).map((action, i) => {
      const first = actionJson(description, isIdle && idleActions.has(action) ? 'Post' : action)
      const atReturn = returnEnforced ? enforcedReturnActions : returnActions
      const second = endJson(description, returned ? atReturn[i] : undefined)
      return {
        whole: Buffer.from(first + second),
        parts: [Buffer.from(first), Buffer.from(second)],
      }
    })
  return {
    start: Buffer.from(`{"${description.event}":{"process":`),
    head: heads.map((fields) => Buffer.from(headJson(description, fields))),
    endings: endingKinds.slice(0, description.extras.enforcement ? undefined : 4).map(endings),
  }
}

/** @param returnAction the action at the return; an event without one has the action Post */
function endJson(description: HookDescription, returnAction = 'Post'): string {
  if (description.event !== 'process_kprobe') return ''
  const action = `,"return_action":"${actionInEvents(returnAction)}"`
  return policyJson(description) + action + messageJson(description) + tagsJson(description)
}

function headJson(description: HookDescription, fields: EventHead): string {
  const head = Object.entries(fields).map(([name, value]) => `,"${name}":${JSON.stringify(value)}`)
  const isNext = namesPolicyFirst.has(description.event)
  return head.join('') + (isNext ? policyJson(description) + messageJson(description) : '')
}

/** Events with the policy and the message before the arguments. */
const namesPolicyFirst: ReadonlySet<string> = new Set([
  ...['process_lsm', 'process_uprobe', 'process_usdt'],
])

function actionJson(description: HookDescription, action: string): string {
  const json = `,"action":"${actionInEvents(action)}"`
  switch (description.event) {
    case 'process_tracepoint':
      return policyJson(description) + json + messageJson(description) + tagsJson(description)
    case 'process_lsm':
    case 'process_uprobe':
    case 'process_usdt':
      return json + tagsJson(description)
    default:
      return json
  }
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

/** UTF-8 in a string of one byte per character, as the writer expects it. */
export function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
