import { Bytes, type Cell, type Int } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec, withContent } from '@tetragon-ts/ebpf/maps'
import type { ImageProgram } from '@tetragon-ts/policy'
import { bytesCodec } from '../../arguments/prefix-key.ts'
import type { CodeContext } from '../../hook/code-context.ts'

const wordSize = 8
const blank = 0x20
const quote = 0x22

/** Bytes in memory that the verifier knows: `max` is a power of two. */
export interface Input {
  readonly bytes: Bytes
  readonly length: Int
  readonly max: number
}

/** A state of the automaton, and the bits that were found up to it. */
interface Track {
  readonly state: Cell
  readonly bits: Cell
}

/** What is in the memory of a track. */
interface Values {
  readonly state: Int
  readonly bits: Int
}

function valuesOf({ state, bits }: Track): Values {
  return { state: state.get(), bits: bits.get() }
}

/** The first values if all bits of the mask are set, the second ones if none is. */
function mixed(first: Values, second: Values, mask: Int): Values {
  const mix = (one: Int, other: Int): Int => one.xor(other).and(mask).xor(other)
  return { state: mix(first.state, second.state), bits: mix(first.bits, second.bits) }
}

/** 1 for 0, and 0 for other bytes. */
function isZero(byte: Int): Int {
  return byte.sub(1).shiftRight(63)
}

/**
 * Runs an automaton over the command line of a program as events show it: the path, and the
 * arguments after a blank each; one that contains a blank is in quotes. Whether it does is known at
 * its end only, so until then there are two states: without and with the quotes.
 */
export class ImageSearch {
  readonly #context: CodeContext
  readonly #program: ImageProgram
  readonly #table: Bytes
  readonly #size: number
  /** State and found bits without quotes; these count at the end of an argument. */
  readonly #plain: Track
  /** The same with quotes. */
  readonly #quoted: Track
  /** 1 if the argument has a blank. */
  readonly #hasBlank: Cell
  /** 0 as long as all arguments were empty: these leave no trace. */
  readonly #isStarted: Cell
  /** Bits of the path as the start of a command line, and as all of it. */
  readonly #ofPath: { readonly start: Cell; readonly whole: Cell }

  /** @param table of the automaton: see `openTable` */
  constructor(context: CodeContext, program: ImageProgram, table: Int) {
    this.#context = context
    this.#program = program
    this.#table = new Bytes(table.builder, table.register)
    this.#size = program.automaton.bytes.length
    const words = context.scratch(64)
    const { start } = program.automaton
    this.#plain = { state: words.cell(0, start), bits: words.cell(8, this.#bitsOf(start)) }
    this.#quoted = { state: words.cell(16, 0), bits: words.cell(24, 0) }
    this.#hasBlank = words.cell(32, 0)
    this.#isStarted = words.cell(40, 0)
    this.#ofPath = { start: words.cell(48, 0), whole: words.cell(56, 0) }
  }

  /** Reads the path. @returns the bits of its tests */
  path(input: Input): Int {
    this.#each(input, (byte) => this.#step(this.#plain, this.#column(byte)))
    const { start, whole } = this.#ofPath
    start.set(this.#plain.bits.get())
    whole.set(this.#atEnd)
    return whole.get().and(this.#program.bits.path)
  }

  /** Reads the arguments, of which the first one is not shown, each but the last with its zero. */
  arguments(input: Input): void {
    const { k } = this.#context
    this.#step(this.#plain, this.#columnOf(blank))
    this.#beginQuoted([blank, quote])
    const byte = k.target.bpfLoop ? this.#byte : this.#byteWithoutBranches
    this.#each(input, (each) => byte.call(this, each))
  }

  #byte(byte: Int): void {
    const { k } = this.#context
    k.when(
      byte.eq(0),
      () => k.when(this.#isStarted.get().ne(0), () => this.#nextArgument()),
      () => {
        const column = this.#column(byte)
        this.#step(this.#plain, column)
        this.#step(this.#quoted, column)
        this.#hasBlank.set(this.#hasBlank.get().or(isZero(byte.xor(blank))))
        this.#isStarted.set(1)
      },
    )
  }

  /** The same for loops that are written out: the verifier follows 8,192 branches. */
  #byteWithoutBranches(byte: Int): void {
    const { k } = this.#context
    const all = (bit: Int): Int => k.constant(0).sub(bit)
    const hasBlank = this.#hasBlank.get()
    const isStarted = this.#isStarted.get()
    const isEnd = isZero(byte)
    const ends = isEnd.and(isStarted)
    const column = this.#column(byte)
    const [plain, quoted] = [valuesOf(this.#plain), valuesOf(this.#quoted)]
    const closed = this.#after(quoted, this.#columnOf(quote))
    const ended = mixed(closed, plain, all(hasBlank))
    const next = this.#after(ended, this.#columnOf(blank))
    const nextQuoted = this.#after(next, this.#columnOf(quote))
    const results = [
      [this.#plain, plain, this.#after(plain, column), next],
      [this.#quoted, quoted, this.#after(quoted, column), nextQuoted],
    ] as const
    for (const [track, before, within, atEnd] of results) {
      const after = mixed(mixed(atEnd, before, all(ends)), within, all(isEnd))
      track.state.set(after.state)
      track.bits.set(after.bits)
    }
    this.#hasBlank.set(hasBlank.and(ends.xor(1)).or(isZero(byte.xor(blank))))
    this.#isStarted.set(isStarted.or(isEnd.xor(1)))
  }

  /** The bits of tests of the command line, at its end. */
  get whole(): Int {
    this.#endArgument()
    return this.#ofArguments(this.#ofPath.whole.get(), this.#atEnd)
  }

  /** The bits that are set whatever follows. */
  get certain(): Int {
    const quoted = this.#quoted.bits.get()
    const both = quoted.and(this.#plain.bits.get())
    const found = this.#context.k.select(this.#hasBlank.get().ne(0), quoted, both)
    return this.#ofArguments(this.#ofPath.start.get(), found)
  }

  /** @param empty if all arguments are empty */
  #ofArguments(empty: Int, found: Int): Int {
    const bits = this.#context.k.select(this.#isStarted.get().ne(0), found, empty)
    return bits.and(this.#program.bits.commandLine)
  }

  /** Bits if the text ends here. */
  get #atEnd(): Int {
    const { state, bits } = this.#plain
    const end = this.#next(state.get(), this.#program.automaton.end)
    return bits.get().or(this.#bitsOf(end))
  }

  #nextArgument(): void {
    this.#endArgument()
    this.#step(this.#plain, this.#columnOf(blank))
    this.#beginQuoted([quote])
    this.#hasBlank.set(0)
  }

  /** Of the two states that of the argument remains. */
  #endArgument(): void {
    this.#context.k.when(this.#hasBlank.get().ne(0), () => {
      this.#step(this.#quoted, this.#columnOf(quote))
      this.#plain.state.set(this.#quoted.state.get())
      this.#plain.bits.set(this.#quoted.bits.get())
    })
  }

  #beginQuoted(characters: readonly number[]): void {
    this.#quoted.state.set(this.#plain.state.get())
    this.#quoted.bits.set(this.#plain.bits.get())
    for (const each of characters) this.#step(this.#quoted, this.#columnOf(each))
  }

  #step(track: Track, column: Int | number): void {
    const { state, bits } = this.#after(valuesOf(track), column)
    track.state.set(state)
    track.bits.set(bits)
  }

  #after({ state, bits }: Values, column: Int | number): Values {
    const next = this.#next(state, column)
    return { state: next, bits: bits.or(this.#bitsOf(next)) }
  }

  #next(state: Int, column: Int | number): Int {
    const at =
      typeof column === 'number' ? state.add(8 + column * 4) : state.add(column.shiftLeft(2)).add(8)
    return this.#table.at(at.and(this.#size - 4)).load(4)
  }

  #bitsOf(state: Int | number): Int {
    if (typeof state === 'number') return this.#table.load(8, state)
    return this.#table.at(state.and(this.#size - 8)).load(8)
  }

  #column(byte: Int): Int {
    return this.#table.at(byte.and(255)).load(1)
  }

  #columnOf(byte: number): number {
    return this.#program.automaton.bytes[byte]
  }

  /** In words, as the search for strings does. */
  #each({ bytes, length, max }: Input, body: (byte: Int) => void): void {
    const { k } = this.#context
    const words = length.shiftRight(3)
    k.loop(max / wordSize, (round, leave) => {
      k.when(round.ge(words), leave)
      const word = bytes.at(round.shiftLeft(3).and(max - wordSize)).load(8)
      for (let i = 0; i < wordSize; i++) body(word.shiftRight(i * 8).and(255))
    })
    const rest = bytes.at(length.and(max - wordSize))
    for (let i = 0; i < wordSize - 1; i++) {
      k.when(length.and(wordSize - 1).gt(i), () => body(rest.load(1, i)))
    }
  }
}

/** The table of an automaton; 0 if there is none, which cannot be. */
export function openTable({ k }: CodeContext, { automaton }: ImageProgram): Int {
  const value = bytesCodec(automaton.bytes.length)
  const spec = withContent(array('tg_images', { value }), [[0, automaton.bytes]])
  const index = k.stackBytes(4)
  index.store(4, 0, 0)
  return k.call('map_lookup_elem', spec as MapSpec, index)
}
