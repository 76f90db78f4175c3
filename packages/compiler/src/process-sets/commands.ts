import type { Bytes, Cell, Code, Condition, Int, Variable } from '@tetragon-ts/ebpf/lang'
import { type CommandArgumentMatch, matchesCommand } from '@tetragon-ts/policy'
import { byteString, joinBytes } from '../hook/byte-string.ts'
import type { CodeContext } from '../hook/code-context.ts'
import { plainTask } from '../hook/hit.ts'
import type { CommandMembership } from '../hook/membership.ts'
import { isError, withZero } from '../hook/memory.ts'
import { searchText } from '../operators/substring.ts'
import { matchesText } from '../operators/text.ts'
import { memberBits } from './member.ts'

/** Size of the copy of one argument, with its zero: a longer one counts as unreadable. */
const argumentMax = 4094
/** Sizes of copies are powers of two. */
const textMax = 4096
/** Copied in one step for `any`; kernels without bpf_loop (before 5.17) verify each byte. */
const blockMax = { withLoops: 16384, before: 4096 }
/** Memory after a copy that comparisons in words may read. */
const slack = 512

/** Arguments longer than a copy need further rounds: there may be 6 MB of them. */
const extraRounds = { withLoops: 2048, before: 16 }

/**
 * The processes one of whose arguments matches, as it was at their last exec. Unknown if the
 * arguments could not be read, or not far enough.
 */
export function commands(match: CommandArgumentMatch): CommandMembership {
  const { index, how, ignoreCase } = match
  const values = [...new Set(match.values)].sort()
  return {
    key: `commands ${index} ${how} ${ignoreCase} ${JSON.stringify(values)}`,
    decidedAt: 'exec',
    inherited: false,
    needsScratch: true,
    ofParents: false,
    needsPath: false,
    atExec({ task }, context) {
      const { arg_start, arg_end } = plainTask(context.k, task).mm
      return new CommandTest({ ...match, values }, context, {
        start: arg_start,
        end: arg_end,
      }).emit()
    },
    ofRunning: ({ commandLine }) => (matchesCommand(match, wordsOf(commandLine)) ? self : 0),
  }
}

/** The content of /proc/PID/cmdline without the name, with a character for each byte. */
function wordsOf(commandLine: Uint8Array): string[] {
  const words = byteString(commandLine).split('\0')
  // Each word ends with a zero, unless the process has changed them.
  if (words.at(-1) === '') words.pop()
  return words.slice(1)
}

const { self, unknown } = memberBits
const zero = new Uint8Array(1)

/** The test of a command line, in memory of the current process. */
class CommandTest {
  readonly #match: CommandArgumentMatch
  readonly #context: CodeContext
  readonly #k: Code
  readonly #end: Int
  readonly #buffer: Bytes
  readonly #values: readonly Uint8Array[]
  /** Address of the next argument. */
  readonly #cursor: Cell
  /** Arguments before it. */
  readonly #passed: Cell
  /** 1 after a fault. */
  readonly #failed: Cell

  constructor(
    match: CommandArgumentMatch,
    context: CodeContext,
    { start, end }: { readonly start: Int; readonly end: Int },
  ) {
    const { k } = context
    this.#match = match
    this.#context = context
    this.#k = k
    this.#end = k.variable(end)
    // In memory: the verifier would track the numbers of registers through all rounds.
    const words = context.scratch(24)
    this.#cursor = words.cell(0, start)
    this.#passed = words.cell(8, 0)
    this.#failed = words.cell(16, 0)
    this.#buffer = context.scratch((match.index === 'any' ? this.#blockMax : 2 * textMax) + slack)
    this.#values = match.values.map((value) => new TextEncoder().encode(value))
  }

  get #loops(): 'withLoops' | 'before' {
    return this.#context.k.target.bpfLoop ? 'withLoops' : 'before'
  }

  get #blockMax(): number {
    return blockMax[this.#loops]
  }

  /** Bits of `memberBits`. */
  emit(): Int {
    const k = this.#k
    const { index } = this.#match
    const bits = k.variable(unknown)
    const before = index === 'any' ? 1 : index + 1
    this.#pass(before)
    const isAtEnd = () => this.#cursor.get().ge(this.#end)
    k.when(this.#failed.get().eq(0), () =>
      k.when(
        // The argument does not exist, or it is further away than the rounds reach.
        isAtEnd(),
        () => bits.set(0),
        () =>
          k.when(this.#passed.get().ge(before), () =>
            index === 'any' ? this.#testAll(bits) : this.#testOne(bits),
          ),
      ),
    )
    return bits
  }

  /** Moves the cursor behind this many arguments. Without branches on what is read. */
  #pass(count: number): void {
    const k = this.#k
    const buffer = this.#buffer
    k.loop(count + extraRounds[this.#loops], (_, leave) => {
      k.when(this.#passed.get().ge(count), leave)
      k.when(this.#cursor.get().ge(this.#end), leave)
      const copied = k.call('probe_read_user_str', buffer, textMax, this.#cursor.get())
      k.when(isError(copied).ne(0), () => {
        this.#failed.set(1)
        leave()
      })
      const got = withZero(copied)
      // Cut off: the next round continues where the zero was written.
      const isWhole = got.sub(textMax).shiftRight(63)
      this.#cursor.set(this.#cursor.get().add(got).sub(isWhole.xor(1)))
      this.#passed.set(this.#passed.get().add(isWhole))
    })
  }

  /** The argument at the cursor, between two zeros. */
  #testOne(bits: Variable): void {
    const k = this.#k
    const buffer = this.#buffer
    const { how, ignoreCase } = this.#match
    buffer.store(1, 0, 0)
    const copied = k.call('probe_read_user_str', buffer.at(1), argumentMax, this.#cursor.get())
    k.when(isError(copied).eq(0), () => {
      const got = withZero(copied)
      const isCut = got.eq(argumentMax)
      const text =
        ignoreCase || how === 'substring'
          ? undefined
          : { bytes: buffer.at(1), length: got.sub(1).and(textMax - 1), max: textMax }
      const test = () =>
        text
          ? matchesText(
              this.#context,
              text,
              comparisons[how as keyof typeof comparisons],
              this.#values,
            )
          : this.#search(got.add(1).and(textMax - 1), textMax)
      const isKnown = how === 'postfix'
      const otherwise = () => {
        bits.set(0)
        if (how === 'substring') k.when(isCut, () => bits.set(unknown))
      }
      const decide = () => k.when(test(), () => bits.set(self), otherwise)
      // The end of a longer one was not read: it stays unknown.
      if (isKnown) k.unless(isCut, decide)
      else decide()
    })
  }

  /** All arguments at the cursor, with the zero before the first one. */
  #testAll(bits: Variable): void {
    const k = this.#k
    const from = this.#cursor.get().sub(1)
    const length = k.variable(this.#end.sub(from))
    const isCut = k.variable(0)
    const max = this.#blockMax - 1
    k.when(length.gt(max), () => {
      length.set(max)
      isCut.set(unknown)
    })
    const result = k.readUser(this.#buffer, length.and(max), from)
    k.when(result.eq(0), () =>
      k.when(
        this.#search(length.and(max), this.#blockMax),
        () => bits.set(self),
        () => bits.set(isCut),
      ),
    )
  }

  /** Searches for the values, with the zeros that are around arguments. */
  #search(length: Int, max: number): Condition {
    const { how, ignoreCase } = this.#match
    const strings = this.#values.map((value) => {
      const before = how === 'equal' || how === 'prefix' ? [zero] : []
      const after = how === 'equal' || how === 'postfix' ? [zero] : []
      return joinBytes(...before, value, ...after)
    })
    const operator = ignoreCase ? 'substring-ignore-case' : 'substring'
    return searchText(this.#context, { bytes: this.#buffer, length, max }, operator, strings)
  }
}

const comparisons = { equal: 'equal-string', prefix: 'prefix', postfix: 'postfix' } as const
