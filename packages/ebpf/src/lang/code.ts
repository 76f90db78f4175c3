import type { Btf } from '../btf/index.ts'
import type { MapSpec } from '../maps/index.ts'
import type { RecordType, RecordValue, Shape } from '../records/index.ts'
import type { Builder } from './builder.ts'
import { Bytes } from './bytes.ts'
import type { Op } from './codegen/ir.ts'
import { Comparison, Condition } from './condition.ts'
import { callHelper, type HelperArguments, type KnownHelper } from './helper-call.ts'
import { Int, type IntLike, operandOf, Variable } from './int.ts'
import { findStruct, type KernelStruct, structLayout } from './kernel-struct.ts'
import type { Layout } from './layout.ts'
import { callbackLoop, plainLoop } from './loop.ts'
import { lookupEntry, recordPlace, removeEntry, updateEntry } from './map-access.ts'
import {
  type AssignInput,
  addressOf,
  type Input,
  loadKernel,
  makePointer,
  memberOf,
  type Place,
  type Ptr,
  placeOf,
  type ValueView,
  type View,
} from './pointer.ts'
import { requiredMember, snapshotMembers } from './snapshot.ts'
import type { SourcePosition } from './source-position.ts'
import { fillPlace, storeFields } from './store-fields.ts'

/** What can be asked in `when`: a condition, a number (not 0), a pointer (not null). */
export type Test = Condition | Int | Ptr<object>

/** What a program is built for: the running kernel's types and abilities. */
export interface Target {
  readonly btf: Btf
  /** bpf_loop (kernel 5.17): long loops cost the verifier nothing. */
  readonly bpfLoop: boolean
  /** bpf_get_current_task_btf (kernel 5.11): the current task as a typed pointer. */
  readonly currentTaskBtf?: boolean
  /** bpf_rdonly_cast (kernel 6.2): numbers anywhere in kernel memory are read without a helper. */
  readonly directReads?: boolean
  /** Memory can be exchanged atomically (kernel 5.12). */
  readonly exchange?: boolean
}

/** Leaves the innermost loop. */
export type Break = () => void

/**
 * The kernel language: the `k` of a program's body. Each call appends code at this point of the
 * program; values are computed when they are written down, in program order.
 */
export class Code {
  readonly target: Target
  readonly #builder: Builder
  readonly #result: number

  constructor(builder: Builder, target: Target, result = 0) {
    this.#builder = builder
    this.target = target
    this.#result = result
  }

  // --- values ---------------------------------------------------------------------------------

  constant(value: number | bigint): Int {
    const dst = this.#builder.register()
    this.#builder.emit({ op: 'constant', dst, value: BigInt(value) })
    return new Int(this.#builder, dst)
  }

  /** Address of the program's context, for helpers that take it. */
  get context(): Int {
    return new Int(this.#builder, this.#builder.context)
  }

  /** An integer that the program changes. */
  variable(initial: IntLike = 0): Variable {
    const variable = new Variable(this.#builder, this.#builder.register())
    variable.set(initial)
    return variable
  }

  /** The value of an enumerator of this kernel, e.g. `memory_cgrp_id`; undefined if unknown. */
  enumerator(name: string): number | undefined {
    const value = this.target.btf.enumerator(name)
    return value === undefined ? undefined : Number(value)
  }

  // --- control --------------------------------------------------------------------------------

  /** Ends the program; without a value with the one that means nothing at this hook. */
  readonly exit = (value: IntLike = this.#result): void => {
    const operand = operandOf(value)
    for (const ending of this.#builder.endings.toReversed()) ending()
    this.#builder.emit({ op: 'exit', value: operand })
  }

  /**
   * Has `ending` done wherever the program ends from this point on. It must not end the program.
   * @returns does it here and now, and not at later ends
   */
  beforeExit(ending: () => void): () => void {
    const { endings } = this.#builder
    endings.push(ending)
    return () => {
      endings.splice(endings.lastIndexOf(ending), 1)
      ending()
    }
  }

  /** Runs `then` if the test holds, else `otherwise`. */
  when(test: Test, then: () => void, otherwise?: () => void): void {
    const builder = this.#builder
    const no = builder.target('no')
    this.#condition(test).jumpUnless(no)
    this.#assumeNotNull(test, then)
    if (!otherwise) return builder.place(no)
    const end = builder.target('end')
    builder.jump(end)
    builder.place(no)
    otherwise()
    builder.place(end)
  }

  /** Runs `then` if the test fails. After `unless(pointer, k.exit)` the pointer is not null. */
  unless(test: Test, then: () => void): void {
    const builder = this.#builder
    const yes = builder.target('yes')
    this.#condition(test).jumpIf(yes)
    const before = builder.ops.length
    then()
    const last: Op | undefined = builder.ops.slice(before).at(-1)
    builder.place(yes)
    const place = placeOf(test)
    if (place && (last?.op === 'exit' || last?.op === 'jump')) place.nullable = false
  }

  /** Chooses between two values. */
  select(test: Test, yes: IntLike, no: IntLike): Int {
    const result = this.variable(no)
    this.when(test, () => result.set(yes))
    return result
  }

  /**
   * Repeats `body` at most `max` times with the round's number. The loop is written out for the
   * verifier to walk; where the kernel has bpf_loop it becomes a callback, walked once. In the
   * body use `leave` to end the loop; ending the program from inside is not possible there.
   */
  loop(max: number, body: (round: Int, leave: Break) => void): void {
    if (this.target.bpfLoop && max > 16) callbackLoop(this.#builder, max, body)
    else plainLoop(this.#builder, max, body)
  }

  /** Gives the code of `body` another source position, such as a line of a policy. */
  at<T>(position: SourcePosition, body: () => T): T {
    return this.#builder.at(position, body)
  }

  // --- kernel memory --------------------------------------------------------------------------

  /** Takes an address as a pointer to a kernel structure: what lies there may be anything. */
  cast<T>(struct: KernelStruct<T>, address: Int | Ptr<object>): Ptr<T> {
    return this.#pointer('kernel', this.#register(address), this.layout(struct))
  }

  /** Takes what the verifier knows for a pointer to a structure, such as a helper's result, as one. */
  typed<T>(struct: KernelStruct<T>, address: Int): Ptr<T> {
    return this.#pointer('typed', address.register, this.layout(struct))
  }

  /** The structure that contains, as its member `name`, what `inner` points at. */
  containerOf<T>(
    struct: KernelStruct<T>,
    name: keyof T & string,
    inner: Int | Ptr<object>,
  ): Ptr<T> {
    const layout = this.layout(struct)
    const { offset } = requiredMember(this.#builder, layout, name)
    const address = new Int(this.#builder, this.#register(inner)).sub(offset)
    return this.#pointer('kernel', address.register, layout)
  }

  /**
   * These fields of a kernel structure. Where each would take a probe read they are copied to the
   * stack in one: only they may be used of the result.
   */
  snapshot<T, const N extends keyof T & string>(
    struct: KernelStruct<T>,
    address: Int | Ptr<object>,
    names: readonly N[],
  ): Ptr<Pick<T, N>> {
    const from = new Int(this.#builder, this.#register(address))
    return snapshotMembers(this.#builder, this.layout(struct), from, names)
  }

  /** Whether this kernel's structure has the field: for code that differs between kernels. */
  hasField<T>(struct: KernelStruct<T>, name: keyof T & string): boolean {
    return findStruct(this.target.btf, struct.name)?.member(name) !== undefined
  }

  /** Layout of a kernel structure: size and places of its fields. */
  layout<T>(struct: KernelStruct<T>): Layout {
    const layout = findStruct(this.target.btf, struct.name)
    return layout ?? this.#builder.fail(`this kernel has no structure ${struct.name}`)
  }

  /** Whether a pointer is known to point at a structure of this name. */
  pointsAt(pointer: Ptr<object>, struct: KernelStruct<unknown>): boolean {
    return this.#place(pointer).layout.name === struct.name
  }

  /** The structure that a pointer points at, and whether loads through it are typed. */
  pointee(pointer: Ptr<object>): { readonly struct: string; readonly typed: boolean } {
    const { layout, space } = this.#place(pointer)
    return { struct: layout.name, typed: space === 'typed' }
  }

  /** As {@link cast}, to a structure given by its id in BTF, which may be that of a module. */
  castTo(btf: Btf, structId: number, address: Int): Ptr<object> {
    return this.#pointer('kernel', address.register, structLayout(btf, structId))
  }

  /** The address a pointer holds, or of an embedded structure. */
  address(pointer: Ptr<object>): Int {
    return new Int(this.#builder, this.#register(pointer))
  }

  /**
   * The address a pointer holds as a plain number, for arithmetic that the verifier does not allow
   * with pointers whose type it knows.
   */
  number(pointer: Ptr<object>): Int {
    const address = this.address(pointer)
    if (this.#place(pointer).space !== 'typed') return address
    // Swapped twice all bytes are where they were, and the verifier has forgotten the type.
    return address.swapBytes(64).swapBytes(64)
  }

  /** The address of a field, whatever it holds. */
  addressOf<T>(pointer: Ptr<T>, name: keyof T & string): Int {
    const place = this.#place(pointer as Ptr<object>)
    const { offset } = memberOf(place, name)
    return new Int(this.#builder, addressOf(place, offset))
  }

  /**
   * The task that runs now. With typed loads (bpf_get_current_task_btf, kernel 5.11) where the
   * target has them, else with probe reads.
   */
  currentTask<T>(struct: KernelStruct<T>): Ptr<T> {
    const typed = this.target.currentTaskBtf === true
    const task = this.call(typed ? 'get_current_task_btf' : 'get_current_task')
    return this.#pointer(typed ? 'typed' : 'kernel', task.register, this.layout(struct))
  }

  /** Whether two pointers are the same. */
  same(a: Ptr<object> | Int, b: Ptr<object> | Int): Condition {
    return new Comparison(this.#builder, 'eq', this.#register(a), this.#register(b))
  }

  // --- memory of our own ----------------------------------------------------------------------

  /** Bytes on the program's stack. */
  stackBytes(size: number): Bytes {
    return new Bytes(this.#builder, this.#builder.slot(size))
  }

  /** A record on the program's stack: given fields set, all others zero. */
  stack<S extends Shape>(
    type: RecordType<S>,
    fields: Input<RecordValue<S>>,
  ): Ptr<View<RecordValue<S>>> {
    const place = recordPlace(this.#builder, type as RecordType, this.#builder.slot(type.size))
    fillPlace(place, fields)
    return makePointer(place)
  }

  /** A record in memory of our own, such as scratch memory: given fields set, all others zero. */
  recordAt<S extends Shape>(
    memory: Bytes,
    type: RecordType<S>,
    fields: Input<RecordValue<S>>,
  ): Ptr<{ readonly [K in keyof S]: View<RecordValue<S>[K]> }> {
    const place = recordPlace(this.#builder, type as RecordType, memory.base, memory.offset)
    fillPlace(place, fields)
    return makePointer(place)
  }

  /** Memory of our own that holds a record already. */
  view<S extends Shape>(
    memory: Bytes,
    type: RecordType<S>,
  ): Ptr<{ readonly [K in keyof S]: View<RecordValue<S>[K]> }> {
    return makePointer(recordPlace(this.#builder, type as RecordType, memory.base, memory.offset))
  }

  /**
   * Memory beyond the stack: the value of an array map with one entry for each CPU, taken for the
   * CPU that runs the program. Ends the program if there is none.
   */
  scratch(map: MapSpec): Bytes {
    const key = this.stackBytes(4)
    key.store(4, 0, this.call('get_smp_processor_id'))
    const found = this.call('map_lookup_elem', map, key)
    this.when(found.eq(0), this.exit)
    return new Bytes(this.#builder, found.register)
  }

  /** The value of an array map with one entry, which takes no lookup. */
  global(map: MapSpec): Bytes {
    const dst = this.#builder.register()
    this.#builder.emit({ op: 'map-value', dst, map, at: 0 })
    return new Bytes(this.#builder, dst)
  }

  /** Sets fields of a record or map value. */
  assign<V extends object>(pointer: Ptr<V>, fields: AssignInput<V>): void {
    storeFields(this.#place(pointer), fields as Record<string, unknown>)
  }

  /** Adds to a field so that no other CPU's addition gets lost. */
  increment<V>(pointer: Ptr<V>, name: keyof V & string, by: IntLike = 1): void {
    const place = this.#place(pointer as Ptr<object>)
    const { offset, type } = memberOf(place, name)
    const size = type.kind === 'int' ? type.size : 0
    if (size !== 4 && size !== 8) return this.#builder.fail(`${name} has no 4 or 8 bytes`)
    const src = typeof by === 'object' ? by.register : this.constant(by).register
    this.#builder.emit({ op: 'atomic-add', size, base: place.base, offset, src })
  }

  /**
   * Stores eight bytes and gives those that were there before: at once, also for another program
   * that interrupts this one on its CPU. (Before 5.12, without {@link Target.exchange}, programs are
   * interrupted by none but such as end before they go on.)
   */
  exchange(memory: Bytes, offset: number, value: IntLike): Int {
    if (!this.target.exchange) {
      const before = memory.load(8, offset)
      memory.store(8, offset, value)
      return before
    }
    const src = typeof value === 'object' ? value.register : this.constant(value).register
    const dst = this.#builder.register()
    const { base } = memory
    this.#builder.emit({ op: 'exchange', dst, size: 8, base, offset: memory.offset + offset, src })
    return new Int(this.#builder, dst)
  }

  // --- maps -----------------------------------------------------------------------------------

  /** Looks up a key. The result may be null: test it with `when` or `unless` before using it. */
  lookup<K, V>(map: MapSpec<K, V>, key: Input<K>): Ptr<ValueView<V>> {
    return lookupEntry(this.#builder, map, key)
  }

  /** Writes an entry. @returns 0, or a negative error number (map full, or it exists) */
  update<K, V>(
    map: MapSpec<K, V>,
    key: Input<K>,
    value: Input<V>,
    mode: 'any' | 'new' = 'any',
  ): Int {
    return updateEntry(this.#builder, map, key, value, mode)
  }

  /** Deletes an entry. @returns 0 for the one caller that deleted it, else a negative number */
  remove<K, V>(map: MapSpec<K, V>, key: Input<K>): Int {
    return removeEntry(this.#builder, map, key)
  }

  /**
   * Sends a record without tails through a ring buffer.
   * @param full runs when the ring has no room: count the loss there
   */
  submit<S extends Shape>(
    ring: MapSpec,
    type: RecordType<S>,
    fields: Input<RecordValue<S>>,
    full: () => void,
  ): void {
    const space = this.call('ringbuf_reserve', ring, type.size, 0)
    this.when(
      space,
      () => {
        fillPlace(recordPlace(this.#builder, type as RecordType, space.register), fields)
        this.call('ringbuf_submit', space, 0)
      },
      full,
    )
  }

  // --- helpers --------------------------------------------------------------------------------

  /** Calls a kernel helper (`bpf_` left out); the compiler checks the arguments. */
  call<N extends KnownHelper>(name: N, ...args: HelperArguments<N>): Int {
    return callHelper(this.#builder, name, args)
  }

  /**
   * Goes on in another program of the same kind; comes back only if the array has none at this
   * index. Kernel 5.10 for programs with callbacks.
   */
  tailCall(programs: MapSpec, index: IntLike): void {
    this.#builder.noted(`tail call ${programs.name}`, () => {
      this.call('tail_call', this.context, programs, index)
    })
  }

  /** Nanoseconds since boot, sleep included (kernel 5.8). */
  bootTime(): Int {
    return this.call('ktime_get_boot_ns')
  }

  /** A number in kernel memory; 0 where that cannot be read. */
  loadKernel(size: 1 | 2 | 4 | 8, address: Int): Int {
    return new Int(this.#builder, loadKernel(this.#builder, address.register, size))
  }

  /** Copies kernel memory; a fault leaves zeroes. @returns 0 or a negative error number */
  readKernel(to: Bytes, size: IntLike, from: IntLike): Int {
    return this.call('probe_read_kernel', to, size, from)
  }

  /** Copies user memory of the current process. @returns 0 or a negative error number */
  readUser(to: Bytes, size: IntLike, from: IntLike): Int {
    return this.call('probe_read_user', to, size, from)
  }

  /** Copies a kernel string with its zero. @returns bytes copied, zero included, or negative */
  readKernelString(to: Bytes, max: IntLike, from: IntLike): Int {
    return this.call('probe_read_kernel_str', to, max, from)
  }

  // --- inside ---------------------------------------------------------------------------------

  #condition(test: Test): Condition {
    if (test instanceof Condition) return test
    return new Comparison(this.#builder, 'ne', this.#register(test), { constant: 0 })
  }

  #assumeNotNull(test: Test, body: () => void): void {
    const place = placeOf(test)
    if (!place?.nullable) return body()
    place.nullable = false
    body()
    place.nullable = true
  }

  #place(pointer: object): Place {
    return placeOf(pointer) ?? this.#builder.fail('a pointer of this program is expected')
  }

  #register(value: Int | Ptr<object>): number {
    return value instanceof Int ? value.register : addressOf(this.#place(value))
  }

  #pointer<T>(space: Place['space'], base: number, layout: Layout): Ptr<T> {
    return makePointer({ builder: this.#builder, space, base, offset: 0, layout, nullable: false })
  }
}
