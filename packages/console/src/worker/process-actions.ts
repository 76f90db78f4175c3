import { type Event, escapeUnprintable, eventLine } from '@tetragon-ts/api'
import type { EventStore, StoredEvent } from '../store/event-store.ts'
import type { ProcessFacts } from '../store/process-facts.ts'
import type { ProcessIndex } from '../store/process-index.ts'
import { isIn, type Span } from '../store/span.ts'
import { enforcedActions, textOf } from '../summaries/enforced-actions.ts'
import { decodeEvent } from './describe-event.ts'

/** Something that a process did. */
export interface Action {
  /** Milliseconds since 1970. */
  readonly time: number
  /** As in the compact form. */
  readonly icon: string
  readonly word: string
  /** What it was done to: a path, an address. Nothing in it is unprintable. */
  readonly text: string
  /** What a policy did against it, such as `Sigkill done`; empty if nothing. */
  readonly enforcement: string
  /** Number of the event; undefined: the process started or executed another one. */
  readonly event: number | undefined
  /** The exec id of the process that it started or executed. */
  readonly process: string | undefined
}

/** The last actions of a process, in their order. */
export interface Actions {
  readonly rows: readonly Action[]
  /** Earlier actions that are left off. */
  readonly omitted: number
}

/**
 * What a process did in a span: its events, and the processes that it started.
 * @param max number of actions
 */
export function actionsOf(
  execId: string,
  { store, processes }: { readonly store: EventStore; readonly processes: ProcessIndex },
  span: Span | undefined,
  max: number,
): Actions {
  const ids = store.idsWith('exec', execId, span)
  const started = processes
    .children(execId)
    .filter(({ start }) => start === undefined || isIn(span, start))
  const [self] = processes.lineage(execId).slice(-1)
  const own = ids.slice(-max).flatMap((id) => actionOf(store.get(id)) ?? [])
  // Times are of milliseconds: in the last one a process may start another one, and end.
  const isExit = ({ event }: Action): boolean => {
    return event !== undefined && store.get(event)?.fields.kind === 'process_exit'
  }
  const rows = [
    ...own.filter((each) => !isExit(each)),
    ...started.slice(-max).map((facts) => startOf(facts, facts.pid === self?.pid)),
    ...own.filter(isExit),
  ].sort((a, b) => a.time - b.time)
  const last = rows.slice(-max)
  return { rows: last, omitted: ids.length + started.length - last.length }
}

function actionOf(stored: StoredEvent | undefined): Action | undefined {
  if (stored === undefined) return undefined
  const { id, time, line } = stored
  const event = decodeEvent(stored.bytes)
  const action = { time, event: id, process: undefined }
  const described = event && describe(event)
  if (described === undefined) return { ...action, icon: '', word: '', text: line, enforcement: '' }
  return { ...action, ...described, text: escapeUnprintable(described.text) }
}

/** Undefined: the event has no compact form. */
function describe(
  event: Event,
): Pick<Action, 'icon' | 'word' | 'text' | 'enforcement'> | undefined {
  const { key, body } = event
  try {
    const line = eventLine(event, true)
    if (typeof line === 'string') return undefined
    const { icon, word } = line
    const enforcement = enforcedActions(event)
      .map((each) => (each.outcome === 'unreported' ? each.action : textOf(each)))
      .map((text) => escapeUnprintable(text))
      .join(', ')
    // The arguments of the process are above its actions.
    const columns = key === 'process_exit' ? line.columns.slice(-1) : line.columns
    const texts = columns.map(({ text }) => text)
    if (key === 'process_exec') texts.unshift(body.process?.binary ?? '')
    return { icon, word, text: texts.filter((text) => text !== '').join(' '), enforcement }
  } catch {
    return undefined
  }
}

function startOf({ start, binary, args, execId }: ProcessFacts, isSamePid: boolean): Action {
  return {
    time: start ?? 0,
    icon: '🚀',
    word: isSamePid ? 'execute' : 'start',
    enforcement: '',
    text: escapeUnprintable(`${binary} ${args}`.trim()),
    event: undefined,
    process: execId,
  }
}
