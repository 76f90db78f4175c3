import type { EventKey, KprobeArgument } from '@tetragon-ts/api'
import { actingProcess } from './acting-process.ts'
import { type EventRecord, eventField, type FieldTable } from './field.ts'
import { type HookCall, hookCall } from './hook-call.ts'
import type { HookUse } from './hook-use.ts'
import type { LogSource } from './log-source.ts'

/** The record of a call by its function; undefined if the call does not count. */
export type HookTable = Readonly<
  Record<string, (args: readonly KprobeArgument[], call: HookCall) => EventRecord | undefined>
>

/** A log source that is read from the events of hooks. */
export interface HookLogSource {
  readonly name: string
  readonly doc: string
  /** Fields besides those of the acting process. */
  readonly fields: FieldTable
  readonly hooks: HookTable
  readonly events?: readonly EventKey[]
  /** The hooks that are attached for its rules. */
  readonly uses: readonly HookUse[]
}

/** Declares a log source whose events are calls of some functions. */
export function hookLogSource(declaration: HookLogSource): LogSource {
  const { name, doc, fields, hooks, uses } = declaration
  return {
    name,
    key: 'category',
    doc,
    fields: { ...actingProcess, ...fields, UtcTime: eventField('time of the event', 'time') },
    events: declaration.events ?? ['process_kprobe', 'process_lsm', 'process_tracepoint'],
    hooks: Object.keys(hooks),
    uses,
    records(event) {
      const call = hookCall(event)
      if (call === undefined || !Object.hasOwn(hooks, call.name)) return []
      const record = hooks[call.name](call.args, call)
      return record === undefined ? [] : [{ ...record, UtcTime: event.response.time }]
    },
  }
}
