import type { Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import type { Argument, Hook } from '@tetragon-ts/policy'
import { recordKind } from '@tetragon-ts/sensors/records/kinds'
import type { ArgumentValue, FollowedSteps, Text } from '../arguments/argument-type.ts'
import { argumentType } from '../arguments/index.ts'
import { asInt, type Hit, type Raw } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { processIdentity } from '../hook/process-identity.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import { testArguments } from '../operators/index.ts'
import type { Operand } from '../operators/operator.ts'
import type { ProgramCounts } from '../plan/counts.ts'
import { argumentOf, type ValueName } from '../plan/hook-description.ts'
import { lengthIndex } from '../plan/parameter-types.ts'
import type { PlannedHook, ValueMatch } from '../plan/plan-hook.ts'
import { Candidates } from './choose-selector.ts'
import { Enforcement, enforcementRegisters, refusalsOfUnread, verdictAt } from './enforcement.ts'
import { touchMemory } from './fault-in.ts'
import type { HookWriter } from './hook-record.ts'
import { castIfNamed, followMembers } from './member-walk.ts'
import { either, Unreadable } from './unreadable.ts'

/**
 * The hit of a program, with its verdict if the program decides. If the task cannot be found, the
 * operation does not pass.
 */
export function hitAt(
  k: Code,
  planned: PlannedHook,
  placement: Placement,
  args: readonly unknown[],
): Hit {
  const verdict = planned.plan.resultDecides ? verdictAt(k, placement.hook) : undefined
  const hit = placement.hit(k, args, () => {
    const { mode } = planned.scope
    const error = refusalsOfUnread(planned).find((each) => each !== undefined)
    if (verdict && mode && error !== undefined) {
      k.when(k.global(mode).load(4).ne(0), () => verdict.refuse(error))
    }
    k.exit()
  })
  return verdict ? { ...hit, verdict } : hit
}

/**
 * What the programs at entry and return of a hook have in common: the values of a hit, each read at
 * most once, on first use; how tests of them are evaluated; and which fields all records have.
 */
export class HookCode {
  readonly planned: PlannedHook
  readonly hit: Hit
  readonly k: Code
  readonly context: HookContext
  readonly unreadable: Unreadable
  readonly #values = new Map<ValueName, ArgumentValue>()
  readonly #texts = new Map<ValueName, Text>()

  constructor(planned: PlannedHook, hit: Hit, context: HookContext) {
    this.planned = planned
    this.hit = hit
    this.k = hit.k
    this.context = context
    this.unreadable = new Unreadable(this.k, this)
  }

  /** Reads a value now, unless it was already read. */
  value(name: ValueName): ArgumentValue {
    let value = this.#values.get(name)
    if (!value) {
      value = this.#read(name)
      this.#values.set(name, value)
    }
    return value
  }

  /** Reads a value for one use, in a branch whose values are not there elsewhere. */
  once(name: ValueName): ArgumentValue {
    return this.#values.get(name) ?? this.#read(name)
  }

  /** A value as operators and actions use it, with its text if the record has that already. */
  operand(name: ValueName): Operand {
    const position = name === 'r' ? 0 : Number(name.slice(1))
    const list = name === 'r' ? 'result' : name[0] === 'a' ? 'args' : 'data'
    return { list, position, value: this.value(name), text: this.#texts.get(name) }
  }

  /**
   * Reads values whose memory may not be resident, before the program borrows what others need: it
   * waits for a page as long as the process wishes (userfaultfd, FUSE).
   */
  faultIn(names: readonly ValueName[]): void {
    if (this.hit.faultsIn) for (const name of names) this.value(name)
  }

  /** Reads a value and writes it to the record. @param read is called between both */
  add(name: ValueName, writer: HookWriter, read?: (value: ArgumentValue) => void): void {
    const { path, type } = this.planned.argument(name)
    this.context.at(path, () => {
      const value = this.value(name)
      read?.(value)
      const text = writer.add(name, type, value)
      if (text) this.#texts.set(name, text)
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
    const operands = values.map((name) => this.operand(name))
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

  #read(name: ValueName): ArgumentValue {
    const argument = this.#argument(name)
    // The task is in kernel memory, also at hooks in user space.
    const inKernel = this.hit.inUserSpace && argument.source === 'current_task'
    const source = inKernel ? { ...this.hit, inUserSpace: false } : this.hit
    // The return value takes the place of the parameter.
    const hit = name === 'r' ? { ...source, parameter: () => source.result } : source
    const { raw, steps } = resolveArgument(hit, argument, this.planned.hook)
    touchMemory(source, asInt(source.k, raw), argument)
    const read = argumentType(argument.type).read(source, raw, argument, this.context)
    const value = this.#withFailures(argument, read)
    // Fields of a tracepoint's record have no address of their own.
    const field = argument.source === undefined ? this.hit.field?.(argument.index) : undefined
    const kind = field?.kind
    const isInside = kind === 'array' || kind === 'data_loc'
    if (!steps && !isInside) return value
    return { ...value, ...(isInside ? { from: undefined } : {}), ...(steps ? { steps } : {}) }
  }

  /** The value of parameters that are in memory themselves. */
  #withFailures({ source, index, sizeIndex }: Argument, value: ArgumentValue): ArgumentValue {
    const used =
      source === undefined ? [index, ...(sizeIndex === undefined ? [] : [sizeIndex])] : []
    const failed = either(used.map((each) => this.hit.failed?.(each)))
    if (!failed) return value
    const { unreadable, incomplete } = value
    return {
      ...value,
      unreadable: () => either([unreadable?.(), failed]),
      ...(incomplete && { incomplete: () => either([incomplete(), failed]) }),
    }
  }

  #argument(name: ValueName): Argument {
    const argument = argumentOf(this.planned.hook, name)
    const sizeIndex = lengthIndex(this.hit.k.target.btf, this.planned.hook, argument)
    return sizeIndex === argument.sizeIndex ? argument : { ...argument, sizeIndex }
  }
}

/** State shared by the parts of a program at a hook's entry. */
export class EntryState extends HookCode {
  readonly counts: ProgramCounts
  /** Frames of the kernel's stack that are those of the program and its caller. */
  readonly ownFrames: number
  /** Selectors that may still match. */
  readonly candidates: Candidates
  /** Undefined if the hook has no enforcing action. */
  readonly enforcement: Enforcement | undefined

  constructor(
    planned: PlannedHook,
    hit: Hit,
    context: HookContext,
    counts: ProgramCounts,
    ownFrames: number,
  ) {
    super(planned, hit, context)
    this.counts = counts
    this.ownFrames = ownFrames
    this.candidates = new Candidates(this.k, planned.hook.selectors.length)
    this.enforcement = planned.extras.enforcement
      ? new Enforcement(planned, hit, context, counts, enforcementRegisters(this.k))
      : undefined
  }
}

/** The source of an argument. */
interface ResolvedArgument {
  readonly raw: Raw
  readonly steps?: FollowedSteps
}

/** Resolves the source of an argument: a parameter, or a member reached from it. */
function resolveArgument(hit: Hit, argument: Argument, hook: Hook): ResolvedArgument {
  const { k } = hit
  const { source, index, resolve } = argument
  if (source === 'pt_regs') {
    const value = hit.register?.(String(resolve[0]))
    return { raw: value ?? k.constant(0), steps: { starts: [] } }
  }
  const parameter = () =>
    argumentType(argument.type).parameter?.(hit, argument) ?? hit.parameter(index)
  const start = source === 'current_task' ? hit.task : parameter()
  if (!start) throw new Error(`no parameter ${index}`)
  if (resolve.length === 0) return { raw: castIfNamed(hit, start, argument, hook) }
  const origin = source === undefined ? asInt(k, start) : undefined
  const { raw, steps } = followMembers(hit, start, argument, hook)
  return { raw, steps: { ...steps, origin } }
}
