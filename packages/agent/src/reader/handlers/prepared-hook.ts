import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import { type HookDescription, valueTypes } from '@tetragon-ts/sensors/hooks'
import type { AncestorKind, EventContent } from '../event-content.ts'
import { type CountedType, countedTypes } from '../event-counts.ts'
import { type Readable, readable } from '../json/hook-reader.ts'
import { type HookTexts, hookTexts } from '../json/hook-texts.ts'

/** What is prepared of a hook once, so that its events are written quickly. */
export interface PreparedHook {
  readonly description: HookDescription
  readonly enter: Readable
  /** The entry's record again, as a copy that waits for the return. */
  readonly waiting: Readable
  readonly leave: Readable
  /** What was read again at the return, as a copy. */
  readonly decision: Readable
  readonly start: string
  readonly showsAncestors: boolean
  readonly texts: HookTexts
  /** Place of its events among the counted types. */
  readonly type: number
}

/**
 * Prepares a hook.
 * @param memory where its records come
 * @param waitingMemory where the entry's record is put again when the return has come
 * @param decisionMemory where the record is put that decides the call
 */
export function prepareHook(
  description: HookDescription,
  content: EventContent,
  memory: RecordMemory,
  waitingMemory: RecordMemory,
  decisionMemory: RecordMemory,
): PreparedHook {
  const types = valueTypes(description, description.enter)
  const returned = valueTypes(description, description.leave)
  return {
    description,
    enter: readable(description, types, memory, description.extras),
    waiting: readable(description, types, waitingMemory, description.extras),
    leave: readable(description, returned, memory),
    decision: readable(description, valueTypes(description, description.rereads), decisionMemory),
    start: `{"${description.event}":{"process":`,
    type: countedTypes.indexOf(description.event.toUpperCase() as CountedType),
    showsAncestors: content.ancestors.includes(ancestorKindOf(description)),
    texts: hookTexts(description),
  }
}

/** A function as metrics name it: `kprobe:tcp_connect`. */
export function countedName({ event }: HookDescription, name: string): string {
  return `${event.slice('process_'.length)}:${name}`
}

/** What `--enable-ancestors` calls the event. */
function ancestorKindOf({ event }: HookDescription): AncestorKind {
  return event.slice('process_'.length) as AncestorKind
}
