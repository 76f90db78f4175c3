import { type Event, escapeUnprintable } from '@tetragon-ts/api'
import type { EventStore, StoredEvent } from '../store/event-store.ts'
import type { ProcessFacts } from '../store/process-facts.ts'
import type { ProcessIndex } from '../store/process-index.ts'
import { isIn, type Span } from '../store/span.ts'
import { enforcedActions, textOf } from '../summaries/enforced-actions.ts'
import { eventText } from '../summaries/event-text.ts'
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
 * What a process did in a span: the events of all its images, and the processes that it started.
 * @param max number of actions
 */
export function actionsOf(
  execId: string,
  { store, processes }: { readonly store: EventStore; readonly processes: ProcessIndex },
  span: Span | undefined,
  max: number,
): Actions {
  const images = processes.images(execId)
  const ownImages = new Set(images)
  const execIds = images.length === 0 ? [execId] : images.map((image) => image.execId)
  const ids = execIds.flatMap((id) => store.idsWith('exec', id, span)).sort((a, b) => a - b)
  const last = ids.slice(-max).flatMap((id) => store.get(id) ?? [])
  const isStart = ({ fields }: StoredEvent): boolean => fields.kind === 'process_exec'
  const executed = new Set(last.filter(isStart).map(({ fields }) => fields.exec))
  const own = last.map((stored) => {
    const isNext = isStart(stored) && stored.fields.exec !== execIds[0]
    return { ...actionOf(stored), ...(isNext && { word: 'execute' }) }
  })
  const started = execIds
    .flatMap((id) => processes.children(id))
    .filter((facts) => !(ownImages.has(facts) && executed.has(facts.execId)))
    .filter(({ start }) => start === undefined || isIn(span, start))
  // Times are of milliseconds: in the last one a process may start another one, and end.
  const isExit = ({ event }: Action): boolean => {
    return event !== undefined && store.get(event)?.fields.kind === 'process_exit'
  }
  const rows = [
    ...own.filter((each) => !isExit(each)),
    ...started.slice(-max).map((facts) => startOf(facts, ownImages.has(facts))),
    ...own.filter(isExit),
  ].sort((a, b) => a.time - b.time)
  const shown = rows.slice(-max)
  return { rows: shown, omitted: ids.length + started.length - shown.length }
}

function actionOf(stored: StoredEvent): Action {
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
  const text = eventText(event)
  if (text === undefined) return undefined
  const { object, ...label } = text
  const enforcement = enforcedActions(event)
    .map((each) => (each.outcome === 'unreported' ? each.action : textOf(each)))
    .map((text) => escapeUnprintable(text))
    .join(', ')
  return { ...label, text: object, enforcement }
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
