import type { MapSpec } from '../maps/index.ts'
import type { SourcePosition } from '../platform/source-position.ts'
import type { Steps } from '../steps/index.ts'
import type { Builder } from './builder.ts'
import type { Target as JumpTarget, Op } from './codegen/ir.ts'
import { Comparison, Condition } from './condition.ts'
import { callHelper, type HelperArguments, type KnownHelper } from './helper-call.ts'
import { Int, type IntLike, operandOf, Variable } from './int.ts'
import { callbackLoop, plainLoop } from './loop.ts'
import { addressOf, type Place, type Ptr, placeOf } from './pointer.ts'
import { runProgram } from './run-program.ts'
import type { Target } from './target.ts'

/** What can be asked in `when`: a condition, a number (not 0), a pointer (not null). */
export type Test = Condition | Int | Ptr<object>

/** Leaves the innermost loop. */
export type Break = () => void

/** What the rest of the kernel language stands on: integers, calls, and where a program goes. */
export class ControlFlow {
  readonly target: Target
  protected readonly builder: Builder
  #result: IntLike

  constructor(builder: Builder, target: Target, result = 0) {
    this.builder = builder
    this.target = target
    this.#result = result
  }

  constant(value: number | bigint): Int {
    const dst = this.builder.register()
    this.builder.emit({ op: 'constant', dst, value: BigInt(value) })
    return new Int(this.builder, dst)
  }

  /** Address of the program's context, for helpers that take it. */
  get context(): Int {
    return new Int(this.builder, this.builder.context)
  }

  /** An integer that the program changes. */
  variable(initial: IntLike = 0): Variable {
    const variable = new Variable(this.builder, this.builder.register())
    variable.set(initial)
    return variable
  }

  /** The value of an enumerator of this kernel, e.g. `memory_cgrp_id`; undefined if unknown. */
  enumerator(name: string): number | undefined {
    const value = this.target.btf.enumerator(name)
    return value === undefined ? undefined : Number(value)
  }

  /** Calls a kernel helper (`bpf_` left out); the compiler checks the arguments. */
  call<N extends KnownHelper>(name: N, ...args: HelperArguments<N>): Int {
    return callHelper(this.builder, name, args)
  }

  /**
   * Goes on in another program of the same kind; comes back only if the array has none at this
   * index. Kernel 5.10 for programs with callbacks.
   */
  tailCall(programs: MapSpec, index: IntLike): void {
    this.builder.noted(`tail call ${programs.name}`, () => {
      this.call('tail_call', this.context, programs, index)
    })
  }

  /**
   * Runs another program of the same kind and comes back with its result. Does nothing if the
   * array has none at this index; then the result is the first word of `nothing`.
   * Together with the tail calls that led here a program can do it {@link tailCallsMax} times.
   * Kernel 5.10 on x86, 6.0 on arm64.
   */
  runProgram(programs: MapSpec, index: number, nothing?: MapSpec): Int {
    return runProgram(this.builder, programs, index, nothing)
  }

  /**
   * Changes what the program returns where it ends without a value, from this point on. A variable
   * is read where the program ends.
   */
  setResult(value: IntLike): void {
    this.#result = value
  }

  /** Ends the program; without a value with the one that means nothing at this hook. */
  readonly exit = (value: IntLike = this.#result): void => {
    const operand = operandOf(value)
    for (const ending of this.builder.endings.toReversed()) ending()
    this.builder.emit({ op: 'exit', value: operand })
  }

  /**
   * Has `ending` done wherever the program ends from this point on. It must not end the program.
   * @returns does it here and now, and not at later ends
   */
  beforeExit(ending: () => void): () => void {
    const { endings } = this.builder
    endings.push(ending)
    return () => {
      endings.splice(endings.lastIndexOf(ending), 1)
      ending()
    }
  }

  /** Runs `then` if the test holds, else `otherwise`. */
  when(test: Test, then: () => void, otherwise?: () => void): void {
    const builder = this.builder
    const no = this.#whenOnly(test, then)
    if (!otherwise) return builder.place(no)
    const end = this.#elseAt(no)
    otherwise()
    builder.place(end)
  }

  /** `when` with an `otherwise` in steps: a long list of cases, each in the one before. */
  *whenInSteps(test: Test, then: () => void, otherwise: () => Steps<void>): Steps<void> {
    const end = this.#elseAt(this.#whenOnly(test, then))
    yield* otherwise()
    this.builder.place(end)
  }

  /** @returns where the program continues if the test fails */
  #whenOnly(test: Test, then: () => void): JumpTarget {
    const no = this.builder.target('no')
    this.#condition(test).jumpUnless(no)
    this.#assumeNotNull(test, then)
    return no
  }

  /** @returns where the program continues after the other case, which is emitted next */
  #elseAt(no: JumpTarget): JumpTarget {
    const end = this.builder.target('end')
    this.builder.jump(end)
    this.builder.place(no)
    return end
  }

  /** Runs `then` if the test fails. After `unless(pointer, k.exit)` the pointer is not null. */
  unless(test: Test, then: () => void): void {
    const builder = this.builder
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
    if (this.target.bpfLoop && max > 16) callbackLoop(this.builder, max, body)
    else plainLoop(this.builder, max, body)
  }

  /** Gives the code of `body` another source position, such as a line of a policy. */
  at<T>(position: SourcePosition, body: () => T): T {
    return this.builder.at(position, body)
  }

  /** The same for a body in steps. */
  atInSteps<T>(position: SourcePosition, body: () => Steps<T>): Steps<T> {
    return this.builder.atInSteps(position, body)
  }

  /** The place behind a pointer. @throws LanguageError for anything else */
  protected place(pointer: object): Place {
    return placeOf(pointer) ?? this.builder.fail('a pointer of this program is expected')
  }

  /** The register with an integer or with the address that a pointer holds. */
  protected register(value: Int | Ptr<object>): number {
    return value instanceof Int ? value.register : addressOf(this.place(value))
  }

  #condition(test: Test): Condition {
    if (test instanceof Condition) return test
    return new Comparison(this.builder, 'ne', this.register(test), { constant: 0 })
  }

  #assumeNotNull(test: Test, body: () => void): void {
    const place = placeOf(test)
    if (!place?.nullable) return body()
    place.nullable = false
    body()
    place.nullable = true
  }
}
