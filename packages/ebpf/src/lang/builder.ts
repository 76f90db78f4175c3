import { callerPosition } from '#ebpf-platform'
import type { SourcePosition } from '../platform/source-position.ts'
import type { Steps } from '../steps/index.ts'
import type { Op, Operation, Slot, Target, Virtual } from './codegen/ir.ts'
import type { DirectRead } from './direct-read.ts'
import { LanguageError } from './error.ts'

/** Collects the operations of one program while its TypeScript body runs. */
export class Builder {
  readonly program: string
  ops: Op[] = []
  /** What is to be done before the program ends at this point, the first thing last. */
  readonly endings: (() => void)[] = []
  /** Holds the program's context: what r1 points at when it starts. */
  readonly context: Virtual
  /** How kernel memory is read without a helper, where that is possible. */
  readonly directRead: DirectRead | undefined
  #registers = 0
  #slots = 0
  #position: SourcePosition | undefined
  #note: string | undefined
  #recordPositions: boolean

  constructor(program: string, recordPositions: boolean, directRead?: DirectRead) {
    this.program = program
    this.directRead = directRead
    this.#recordPositions = recordPositions
    this.context = this.register()
    this.ops.push({ op: 'context', dst: this.context })
  }

  /** Number of virtual registers so far. */
  get registers(): number {
    return this.#registers
  }

  /** Number of stack slots so far. */
  get slots(): number {
    return this.#slots
  }

  register(): Virtual {
    return this.#registers++
  }

  slot(size: number): Slot {
    return { size, id: this.#slots++ }
  }

  target(name: string): Target {
    return { name }
  }

  emit(operation: Operation): void {
    const op: Op = operation
    op.position = this.#position ?? this.#callerPosition()
    op.note = this.#note
    this.ops.push(op)
  }

  place(target: Target): void {
    this.emit({ op: 'place', target })
  }

  jump(to: Target): void {
    this.emit({ op: 'jump', to })
  }

  /** Runs `body` with its operations going to a list of their own: the code of a callback. */
  collect(body: () => void): Op[] {
    const outer = this.ops
    this.ops = []
    try {
      body()
      return this.ops
    } finally {
      this.ops = outer
    }
  }

  /** Runs `body`; its operations carry this position, such as a line of a policy. */
  at<T>(position: SourcePosition, body: () => T): T {
    const before = this.#position
    this.#position = position
    try {
      return body()
    } finally {
      this.#position = before
    }
  }

  /** The same for a body in steps. */
  *atInSteps<T>(position: SourcePosition, body: () => Steps<T>): Steps<T> {
    const before = this.#position
    this.#position = position
    try {
      return yield* body()
    } finally {
      this.#position = before
    }
  }

  /**
   * Runs `body`, whose operations all come from the line that called the language: looking for it
   * once is much cheaper than for each operation. Not for bodies that the user wrote.
   */
  statement<T>(body: () => T): T {
    const position = this.#position ?? this.#callerPosition()
    return position ? this.at(position, body) : body()
  }

  /** A statement; listings show `note` beside its operations. */
  noted<T>(note: string, body: () => T): T {
    const before = this.#note
    this.#note = note
    try {
      return this.statement(body)
    } finally {
      this.#note = before
    }
  }

  #callerPosition(): SourcePosition | undefined {
    return this.#recordPositions ? callerPosition() : undefined
  }

  /** An error in how a program uses the language, with the line that did. */
  fail(what: string): never {
    throw new LanguageError(this.program, what, this.#position ?? callerPosition())
  }
}
