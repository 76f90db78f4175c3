import {
  type HookDescription,
  type NamesOfAddress,
  type RecordExtras,
  returnExtras,
  type ValueTypes,
  valueTypes,
} from '@tetragon-ts/compiler/hooks'
import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import { type CountedType, countedTypes } from '../counted-types.ts'
import type { AncestorKind, EventContent } from '../event-content.ts'
import { EnforcementJson } from '../json/enforcement-json.ts'
import { type Readable, readable } from '../json/hook-reader.ts'
import { type HookTexts, hookTexts } from '../json/hook-texts.ts'
import type { RedactText } from '../json/redacted-data.ts'
import type { CopiedRecords } from './copied-records.ts'
import { type Lookup, lookupOf } from './lookups.ts'

/** Data of a hook that is computed once, so that its events are written quickly. */
export interface PreparedHook {
  readonly description: HookDescription
  readonly enter: Readable
  /** The record of the entry, copied while it waits for the return. */
  readonly waiting: Readable
  readonly leave: Readable
  /** The record of the return as a copy, of a hit that waits for its pod. */
  readonly returned: Readable
  /** Values that were read again at the return, as a copy. */
  readonly decision: Readable
  readonly showsAncestors: boolean
  readonly texts: HookTexts
  /** Undefined if the hook does not look up names. */
  readonly lookup: Lookup | undefined
  /** Undefined if the hook has no enforcing action. */
  readonly enforcement: EnforcementJson | undefined
  /** Index of its events among the counted types. */
  readonly type: number
}

/**
 * Prepares a hook.
 * @param memory of its records
 * @param copies receives records that had to wait
 * @param redact removes secrets from data of the process that the record is about
 * @param namesOf finds the names by which that process has looked up an address
 */
export function prepareHook(
  description: HookDescription,
  content: EventContent,
  memory: RecordMemory,
  copies: Pick<CopiedRecords, 'memory' | 'decisionMemory' | 'returnMemory'>,
  redact?: RedactText,
  namesOf?: NamesOfAddress,
): PreparedHook {
  const types = valueTypes(description, description.enter)
  const returned = valueTypes(description, description.leave)
  const extras = returnExtras(description.extras)
  const read = (values: ValueTypes, from: RecordMemory, parts: RecordExtras): Readable =>
    readable(description, values, from, parts, redact, namesOf)
  const rereads = valueTypes(description, description.rereads)
  return {
    description,
    enter: read(types, memory, description.extras),
    waiting: read(types, copies.memory, description.extras),
    leave: read(returned, memory, extras),
    returned: read(returned, copies.returnMemory, extras),
    decision: read(rereads, copies.decisionMemory, extras),
    type: countedTypes.indexOf(description.event.toUpperCase() as CountedType),
    showsAncestors: content.ancestors.includes(ancestorKindOf(description)),
    texts: hookTexts(description),
    lookup: lookupOf(description),
    enforcement: description.extras.enforcement ? new EnforcementJson(description) : undefined,
  }
}

/** Name of a function in metrics: `kprobe:tcp_connect`. */
export function countedName({ event }: HookDescription, name: string): string {
  return `${event.slice('process_'.length)}:${name}`
}

/** Name of the event in `--enable-ancestors`. */
function ancestorKindOf({ event }: HookDescription): AncestorKind {
  return event.slice('process_'.length) as AncestorKind
}
