import { type Event, escapeUnprintable, type Process, quote } from '@tetragon-ts/api'
import { containerName, placeText, podText, userText } from '../store/process-text.ts'
import { enforcedActions, type Outcome } from './enforced-actions.ts'
import { eventText } from './event-text.ts'
import { hookText } from './hook-text.ts'
import { addressText, fileText } from './object-text.ts'

/** What an operation did, by the word of its compact form: with a file, and with an address. */
const verbs: ReadonlyMap<string, string> = new Map([
  ['open', 'opened'],
  ['openat', 'opened'],
  ['read', 'read'],
  ['write', 'wrote to'],
  ['truncate', 'truncated'],
  ['close', 'closed'],
  ['connect', 'connected to'],
  ['sendmsg', 'sent data to'],
  ['mount', 'mounted'],
  ['loader', 'loaded'],
])

/** Longest name, in characters: processes choose names, and arguments have megabytes. */
const nameMax = 256

/** What policies made of it. */
const outcomes: Readonly<Record<Outcome, string>> = {
  failed: 'could not be stopped',
  done: 'was stopped',
  monitored: 'would have been stopped',
  unreported: 'was to be stopped',
}

/**
 * What an event says, as a sentence: `curl, started by sh in default/xwing, connected to
 * 10.0.0.7:443 as root.`
 */
export function eventSentence(event: Event): string {
  const { body } = event
  if (!('process' in body) || body.process === undefined) return ''
  const { process } = body
  const parent = 'parent' in body ? body.parent : undefined
  const user = userText(process)
  const parts = [
    subjectOf(process, parent),
    deedOf(event, process),
    user === '' ? '' : ` as ${/^uid \d+$/.test(user) ? user : named(user)}`,
  ]
  return `${parts.join('')}${endingOf(event)}.`
}

function subjectOf(process: Process, parent: Process | undefined): string {
  const place = placeText({ pod: podText(process), container: containerName(process) })
  const parts = [
    parent?.binary ? `, started by ${program(parent.binary)}` : '',
    place === '' ? '' : ` in ${named(place)}`,
  ].join('')
  return `${program(process.binary)}${parts}${parts.startsWith(',') ? ',' : ''}`
}

function deedOf(event: Event, process: Process): string {
  const { key, body } = event
  if (key === 'process_exec') {
    const { binary = '', arguments: args = '' } = process
    return ` began to execute ${named(args === '' ? binary : `${binary} ${args}`)}`
  }
  if (key === 'process_exit') {
    return body.signal ? ` was ended by ${body.signal}` : ` ended with status ${body.status ?? 0}`
  }
  const object = fileText(event) || addressText(event)
  const verb = verbs.get(eventText(event)?.word ?? '')
  if (verb !== undefined && object !== '') return ` ${verb} ${named(object)}`
  const about = object === '' ? '' : ` for ${named(object)}`
  return ` called ${named(hookText(event) || key)}${about}`
}

/** Which policies stopped it, and how. */
function endingOf(event: Event): string {
  const { body } = event
  const policy = 'policy_name' in body ? (body.policy_name ?? '') : ''
  const by = policy === '' ? '' : ` by policy ${named(policy)}`
  return enforcedActions(event)
    .map(({ action, outcome }) => `; it ${outcomes[outcome]}${by} (${action})`)
    .join('')
}

/** The last part of a path. */
function program(path = ''): string {
  return path === '' ? 'an unknown program' : named(path.slice(path.lastIndexOf('/') + 1) || path)
}

/** A name; one that could be read as a part of the sentence has quotes. */
function named(whole: string): string {
  const name = whole.length > nameMax ? `${whole.slice(0, nameMax)}…` : whole
  return /^[^\s",;]+$/u.test(name) ? escapeUnprintable(name) : quote(name)
}
