import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import { recordKind } from '@tetragon-ts/sensors/records/kinds'
import type { ArgumentValue } from '../arguments/argument-type.ts'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { processIdentity } from '../hook/process-identity.ts'
import { testArguments } from '../operators/index.ts'
import type { ValueName } from '../plan/hook-record.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'
import type { ValueMatch } from '../plan/value-matches.ts'
import type { HookWriter } from './hook-writer.ts'
import { ReadArguments } from './read-arguments.ts'
import { Unreadable } from './unreadable.ts'

/**
 * What the programs at entry and return of a hook have in common: the values of a hit, how tests of
 * them are evaluated, and which fields all records have.
 */
export class HookCode {
  readonly planned: PlannedHook
  readonly hit: Hit
  readonly k: Code
  readonly context: HookContext
  readonly reads: ReadArguments
  readonly unreadable: Unreadable

  constructor(planned: PlannedHook, hit: Hit, context: HookContext) {
    this.planned = planned
    this.hit = hit
    this.k = hit.k
    this.context = context
    this.reads = new ReadArguments(hit, context, planned.hook)
    this.unreadable = new Unreadable(this.k, this.reads)
  }

  /** Reads a value and writes it to the record. @param read is called between both */
  add(name: ValueName, writer: HookWriter, read?: (value: ArgumentValue) => void): void {
    const { path, type } = this.planned.argument(name)
    this.context.at(path, () => {
      const value = this.reads.value(name)
      read?.(value)
      this.reads.setText(name, writer.add(name, type, value))
    })
  }

  /**
   * Whether a test holds. It is also true if a value could not be read: such a hit is undecided.
   * @param unread emits 1 if it could not, else 0; undefined if it always can
   */
  holds(
    { match: { test, negated }, values }: ValueMatch,
    unread: () => Int | undefined = () => this.unreadable.anyOf(values),
  ): Condition {
    const operands = values.map((name) => this.reads.operand(name))
    const bit = unread()
    const matches = () => {
      const condition = testArguments(operands, test, this.context)
      return negated ? condition.not() : condition
    }
    return bit ? bit.ne(0).or(matches) : matches()
  }

  /** @param time that of the entry, which identifies the call for the reader */
  header(time: Int) {
    const { hookId: hook } = this.context
    return { kind: recordKind.hook, hook, time, ...processIdentity(this.hit) }
  }
}
