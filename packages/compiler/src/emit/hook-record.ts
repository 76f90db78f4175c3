import {
  Bytes,
  type Code,
  type Condition,
  type Int,
  type IntLike,
  type Ptr,
  RecordWriter,
  type Variable,
} from '@tetragon-ts/ebpf/lang'
import type { RecordType, Shape } from '@tetragon-ts/ebpf/records'
import type { ArgumentTypeName } from '@tetragon-ts/policy'
import { events } from '@tetragon-ts/sensors/kernel/maps'
import { keepsReserve, type RingUse } from '@tetragon-ts/sensors/kernel/ring-share'
import { hookFlags } from '@tetragon-ts/sensors/records/hook'
import { writeHash } from '../actions/ima-hash.ts'
import { selectorsWithStack, stackField, writeStack } from '../actions/stacks.ts'
import { changeOwner, findOwner } from '../actions/track-sock.ts'
import type { ArgumentValue, Text } from '../arguments/argument-type.ts'
import { argumentType } from '../arguments/index.ts'
import { executingFlag } from '../hook/process-identity.ts'
import type { Scratch } from '../hook/scratch.ts'
import { forgetCall, rememberCall } from '../plan/calls.ts'
import { stepField, type ValueName } from '../plan/hook-description.ts'
import { countUndecided } from '../plan/undecided-calls.ts'
import type { Choice, SelectorChoice } from './choose-selector.ts'
import { EqualRefusals } from './equal-refusals.ts'
import type { EntryState } from './hook-code.ts'

/**
 * Builds a hook's record. A record with text or data is built in scratch memory, where operators
 * use the text; any other is written to the ring directly.
 */
export class HookWriter {
  readonly #k: Code
  readonly #record: RecordType
  #writer: RecordWriter<Shape> | undefined
  readonly #values = new Map<ValueName, ArgumentValue>()
  readonly #types = new Map<ValueName, ArgumentTypeName>()
  readonly #largest: number
  readonly #ring: RingUse
  #memory: Bytes | undefined

  constructor(k: Code, record: RecordType, ring: RingUse, scratch: Scratch | undefined) {
    this.#k = k
    this.#ring = ring
    this.#record = record
    this.#largest = maskOf(record.size + record.tails.length * tailMax)
    if (record.tails.length > 0 && scratch) this.buildIn(scratch)
  }

  /** Builds the record in memory, even without tails. */
  buildIn(scratch: Scratch): void {
    if (this.#writer) return
    const record = this.#record
    // Masks, one less than a power of two, prove to the verifier where a tail starts and how long
    // the record is at most.
    const most = record.size + record.tails.length * tailMax
    const limit = maskOf(Math.max(record.size, most - tailMax))
    // Operators copy whole pieces of texts: a copy may exceed the end.
    const end = Math.max(this.#largest + 1, limit + 1 + tailMax)
    const memory = scratch.take(end + pieceMax)
    this.#memory = memory
    this.#writer = new RecordWriter(this.#k, record, memory, limit)
  }

  /** Adds a value; its tail is written now. @returns location of its text */
  add(name: ValueName, type: ArgumentTypeName, value: ArgumentValue): Text | undefined {
    this.#values.set(name, value)
    this.#types.set(name, type)
    const { writeTail } = value
    if (argumentType(type).tailMax === 0 || !writeTail) return undefined
    const tail = this.#writer?.tail(`${name}_tail`, writeTail)
    return tail && { ...tail, max: maskOf(argumentType(type).tailMax - 1) + 1 }
  }

  /** Adds data that is not an argument, after all values. */
  addTail(name: string, write: (to: Bytes) => Int): void {
    this.#writer?.tail(name, write)
  }

  /** Whether parts of values are sent before the record. */
  get hasPieces(): boolean {
    return [...this.#values.values()].some(({ writePieces }) => writePieces)
  }

  /**
   * Stores the fixed parts and sends the record.
   * @param complete gets the record before it is sent, if it is built in memory: without what does
   *   not matter for the question whether hits are equal
   */
  send(
    header: Readonly<Record<string, unknown>>,
    full: () => void,
    complete?: (record: BuiltRecord) => void,
  ): void {
    ;[...this.#values.values()].forEach(({ writePieces }, place) => {
      writePieces?.(place)
    })
    const writer = this.#writer
    if (writer && this.#memory) {
      const fields = this.#k.view(this.#memory, this.#record) as Fields
      const incidental: Incidental[] = []
      this.#store(fields, header, complete && incidental)
      const [bytes, largest] = [this.#memory, this.#largest]
      complete?.({ bytes, size: writer.size, largest, fields })
      // The fields of a record depend on the policy: types do not know them.
      for (const each of incidental) this.#k.assign(fields, each as never)
      this.#k.when(this.#keepsReserve(writer.size), () => writer.send(events, largest, full), full)
      return
    }
    const keeps = this.#keepsReserve(this.#record.size)
    this.#k.when(keeps, () => this.#sendDirectly(header, full), full)
  }

  #keepsReserve(size: IntLike): Condition {
    return keepsReserve(this.#k, this.#ring, size)
  }

  /** Writes the record in the ring itself. */
  #sendDirectly(header: Readonly<Record<string, unknown>>, full: () => void): void {
    const space = this.#k.call('ringbuf_reserve', events, this.#record.size, 0)
    this.#k.when(
      space,
      () => {
        const memory = new Bytes(space.builder, space.register)
        const record = this.#k.view(memory, this.#record) as Fields
        // The same here.
        this.#k.clearOthers(record, this.#store(record, header) as never)
        this.#k.call('ringbuf_submit', space, 0)
      },
      full,
    )
  }

  /**
   * Writes the values one by one: results of branches are in memory before the next.
   * @param incidental gets the incidental fields of types; the caller stores them later
   * @returns all that were stored
   */
  #store(
    record: Fields,
    header: Readonly<Record<string, unknown>>,
    incidental?: Incidental[],
  ): Record<string, unknown> {
    const k = this.#k
    const stored: Record<string, unknown> = {}
    const store = (fields: Readonly<Record<string, unknown>>): void => {
      // The same here.
      k.assign(record, fields as never)
      Object.assign(stored, fields)
    }
    store({ ...header, unreadable: this.#unreadable() })
    let place = 0
    for (const [name, value] of this.#values) {
      const fixed = { ...value.fields() }
      const type = this.#types.get(name)
      for (const field of (incidental && type && argumentType(type).incidental) ?? []) {
        incidental?.push({ [name]: { [field]: fixed[field] } })
        delete fixed[field]
      }
      if (Object.keys(fixed).length > 0) store({ [name]: fixed })
      const { pointer, steps } = value
      if (pointer && place < 64) setBit(k, record, 'unreadable', place, pointer)
      if (steps) {
        const field = stepField(name)
        store({ [field]: steps.failed ?? 0 })
        for (const { address, step } of steps.starts) setBit(k, record, field, step, address)
      }
      place++
    }
    return stored
  }

  #unreadable(): Int | number {
    let bits: Int | undefined
    let at = 0
    for (const { unreadable } of this.#values.values()) {
      const bit = at < 64 ? unreadable?.()?.shiftLeft(at) : undefined
      if (bit) bits = bits ? bits.or(bit) : bit
      at++
    }
    return bits ?? 0
  }
}

type Fields = Ptr<Record<string, Int>>
/** A field of a value. */
type Incidental = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** A record in scratch memory. */
export interface BuiltRecord {
  readonly bytes: Bytes
  /** In bytes. */
  readonly size: Int
  /** No record is larger; 2^n - 1. */
  readonly largest: number
  readonly fields: Fields
}

/** Sets a bit of a field if an address is 0. */
function setBit(k: Code, record: Fields, field: string, bit: number, address: Int): void {
  k.when(address.eq(0), () =>
    k.assign(record, { [field]: record[field].or(1n << BigInt(Math.min(bit, 63))) }),
  )
}

/** Maximum size of a piece of text for operators. */
const pieceMax = 256

/** Maximum size of a tail. */
const tailMax = 4096

/** The smallest number 2^n - 1 that is not smaller. */
function maskOf(most: number): number {
  return 2 ** Math.ceil(Math.log2(most + 1)) - 1
}

/** Sends the record of a hit, and saves the call until its return if that is needed. */
export function postRecord(
  state: EntryState,
  writer: HookWriter,
  choice: Choice,
  chooser: SelectorChoice,
): void {
  const { planned, hit, k, context, enforcement, ownFrames } = state
  const { selector } = choice
  const time = k.bootTime()
  const { returnArgAction } = planned.hook
  if (returnArgAction && planned.onlyAtReturn) {
    changeOwner(returnArgAction, hit, context, state.value('r'))
  }
  const values = planned.enter.map((name) => state.value(name))
  for (const kind of planned.extras.stacks) {
    const wanted = selectorsWithStack(planned.hook, kind)
    writer.addTail(stackField(kind), (to) => writeStack(hit, to, kind, selector, wanted, ownFrames))
  }
  if (planned.extras.imaHash) {
    writer.addTail('ima_hash', (to) => writeHash(hit, to, planned.hook, selector))
  }
  const owner = context.tracksSocks ? { owner: findOwner(hit, context, values) } : {}
  const waits = keepCall(state, choice, chooser, time)
  // 1, the flag itself, if it waits for a decision.
  const pending = planned.returns ? hookFlags.pending : (waits ?? 0)
  const flags = choice.idle?.or(pending) ?? pending
  const executing = executingFlag(hit)
  const equals = EqualRefusals.of(state, writer)
  writer.send(
    {
      ...state.header(time),
      selector,
      functionIndex: hit.functionIndex,
      flags: uncertainFlags(choice, typeof executing === 'number' ? flags : executing.or(flags)),
      ...owner,
      ...workloadFields(state),
      ...enforcement?.fields,
    },
    () => {
      context.countLoss('hook')
      chooser.takeBack(choice)
      if (planned.returns) forgetCall(hit, context.hookId)
      equals?.lost()
    },
    equals && ((record) => equals.exitIfCounted(record, choice)),
  )
  equals?.sent()
}

/** Adds the flags of an uncertain workload. */
function uncertainFlags({ uncertain, post }: Choice, flags: Int | number): Int | number {
  if (!uncertain) return flags
  const bits = uncertain.mul(hookFlags.uncertain).or(flags)
  return post.xor(1).and(uncertain).mul(hookFlags.suppressed).or(bits)
}

/** Fields of the record for user space to decide about an uncertain workload. */
function workloadFields({ planned, context, candidates }: EntryState) {
  if (!planned.extras.workload) return {}
  return { workload: { cgroup: context.uncertain.group, candidates: candidates.bits ?? 1 } }
}

/**
 * Saves the call until its return, if that is needed.
 * @returns 1 if it waits for a decision, else 0; undefined if that never happens
 */
function keepCall(
  state: EntryState,
  choice: Choice,
  chooser: SelectorChoice,
  time: Int,
): Int | Variable | undefined {
  const { planned, hit, context } = state
  const { selector, undecided } = choice
  const { k } = hit
  const parameters = planned.savedParameters.map((index) => hit.parameter(index))
  const remember = (word: Int): Int => rememberCall(hit, context, word, time, parameters)
  if (!undecided || planned.rereads.length === 0) {
    if (planned.returns) remember(selector)
    return undefined
  }
  if (planned.returns) {
    const word = k.variable(selector)
    k.when(undecided.ne(0), () => word.set(undecidedWord(state)))
    const error = remember(word)
    const isLost = undecided.ne(0).and(() => error.ne(0))
    if (planned.extras.enforcement) k.when(isLost, () => chooser.enforceUndecided(choice))
    return undecided
  }
  const waits = k.variable(undecided)
  k.when(undecided.ne(0), () => {
    k.when(
      remember(undecidedWord(state)).eq(0),
      () => countUndecided(k, planned.undecidedCalls, 1),
      () => {
        // Posted without a decision.
        chooser.enforceUndecided(choice)
        context.countLoss('unreadable')
        waits.set(0)
      },
    )
  })
  return waits
}

function undecidedWord({ planned, k, unreadable, candidates }: EntryState): Int {
  const { rereads, hook, undecided } = planned
  const tested = hook.selectors.flatMap((each) => planned.matchesOf(each))
  const names = new Set(tested.flatMap(({ values }) => values))
  const others = [...names].filter((name) => !rereads.includes(name))
  const unread = rereads.map((name) => unreadable.of(name))
  const other = unreadable.anyOf(others)
  return undecided.make(k, [...unread, other], candidates.bits)
}
