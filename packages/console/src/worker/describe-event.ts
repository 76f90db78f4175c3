import {
  argumentText,
  codecOf,
  compactLabel,
  compactPrinter,
  type Event,
  escapeUnprintable,
  eventOf,
  GetEventsResponse,
  terminalJson,
} from '@tetragon-ts/api'
import type { EventContent, SearchedText } from '../store/event-segment.ts'
import type { Subject } from '../store/filter.ts'
import { containerName, podText, processDetails, userText } from '../store/process-text.ts'
import { actionText } from '../summaries/enforced-actions.ts'
import { levelText, ruleText } from '../summaries/found-rules.ts'
import { hookText } from '../summaries/hook-text.ts'
import { addressText, fileText } from '../summaries/object-text.ts'

const codec = codecOf(GetEventsResponse)
const print = compactPrinter({ timestamps: false, details: true })

/** An event for the list; undefined if it cannot be decoded. */
export interface Described extends EventContent {
  readonly event: Event | undefined
}

/** Decodes an event; undefined if that is impossible. */
export function decodeEvent(bytes: Uint8Array): Event | undefined {
  try {
    const parsed = eventOf(codec.decode(bytes))
    return parsed.ok ? parsed.event : undefined
  } catch {
    return undefined
  }
}

/**
 * Decodes an event. Never fails: what cannot be shown has a line that says why.
 * @param before time of the event before, for an event without a time
 */
export function describeEvent(bytes: Uint8Array, before: number): Described {
  const unknown = (line: string): Described => {
    return { event: undefined, time: before, line: escapeUnprintable(line), fields: {}, bytes }
  }
  try {
    const response = codec.decode(bytes)
    const parsed = eventOf(response)
    if (!parsed.ok) return unknown(parsed.reason)
    const { event } = parsed
    const time = Date.parse(response.time ?? '')
    const line = lineOf(event)
    return {
      event,
      time: Number.isNaN(time) ? before : time,
      line,
      fields: fieldsOf(event),
      searched: searchedText(event, line),
      bytes,
    }
  } catch (error) {
    return unknown(`an event that cannot be decoded: ${(error as Error).message}`)
  }
}

function fieldsOf(event: Event): Subject['fields'] {
  const { key, body, response } = event
  const process = 'process' in body ? body.process : undefined
  const { binary = '', pid, exec_id: exec = '' } = process ?? {}
  return {
    kind: key,
    binary,
    user: userText(process ?? {}),
    pod: podText(process ?? {}),
    container: containerName(process ?? {}),
    policy: 'policy_name' in body ? (body.policy_name ?? '') : '',
    pid: pid === undefined ? '' : String(pid),
    node: response.node_name ?? '',
    hook: hookText(event),
    file: fileText(event),
    address: addressText(event),
    action: actionText(event),
    level: levelText(event),
    rule: ruleText(event),
    exec,
  }
}

/** The line of an event in lists. */
export function lineOf(event: Event): string {
  try {
    return print(event).trimEnd()
  } catch {
    // Not every kind has a compact form.
    return event.key
  }
}

/** The icon and the word of an event's kind; empty if it cannot be decoded. */
export function labelOf(bytes: Uint8Array): string {
  const event = decodeEvent(bytes)
  return event === undefined ? '' : compactLabel(event, true)
}

/** The whole event as JSON, with everything visible that would not be. */
export function jsonOf(bytes: Uint8Array): string {
  try {
    return terminalJson(JSON.stringify(codec.decode(bytes), null, 2))
  } catch (error) {
    return (error as Error).message
  }
}

/** What words of a filter find an event by, besides its line and fields. */
export function searchedText({ key, body }: Event, line: string): SearchedText {
  const process = 'process' in body ? body.process : undefined
  const isInLine = key === 'process_exec' || key === 'process_exit'
  const args = isInLine ? '' : (process?.arguments ?? '')
  const { message = '', tags = [] } = 'message' in body || 'tags' in body ? body : {}
  return {
    process: joined([args, process ? processDetails(process) : '']),
    hook: joined([message, ...tags]),
    own: joined(ownTexts(body).filter((text) => !line.includes(text))),
  }
}

function ownTexts(body: Event['body']): string[] {
  const args = 'args' in body ? body.args : undefined
  const data = 'data' in body ? body.data : undefined
  const texts = [...(args ?? []), ...(data ?? [])].map(argumentText)
  if ('return' in body && body.return) texts.push(argumentText(body.return))
  if ('ima_hash' in body && body.ima_hash) texts.push(body.ima_hash)
  return texts
}

/** Words cannot reach from one text into the next: lines have no line ends. */
function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n')
}
