import { AutomatonSteps } from './image-automaton.ts'
import type { BitCondition, ImageProgram } from './image-program.ts'

/** Bits of the tests of a program. */
export interface FoundBits<Word> {
  /** Tests that are true. */
  readonly certain: Word
  /** Tests that may be true: others as well, if not all of the texts could be read. */
  readonly possible: Word
}

const blank = 0x20
const quote = 0x22

/**
 * Decides a condition as the kernel side does; for running processes, and as a model of it.
 * @param path undefined: unknown
 * @param args the arguments without the first one, each with a zero at its end
 * @param readMax bytes of the arguments that are read
 * @returns undefined: unknown
 */
export function decideImage(
  program: ImageProgram,
  path: Uint8Array | undefined,
  args: Uint8Array,
  readMax = Number.POSITIVE_INFINITY,
): boolean | undefined {
  const found = path ? findBits(program, path, args, readMax) : unknownBits(program)
  const isTrue = holds(program.condition, found.certain, found.possible)
  if (isTrue) return true
  return holds(program.condition, found.possible, found.certain) ? undefined : false
}

function unknownBits({ bits }: ImageProgram): FoundBits<bigint> {
  return { certain: 0n, possible: bits.path | bits.commandLine }
}

function holds(condition: BitCondition, yes: bigint, no: bigint): boolean {
  if (condition.kind === 'bit') {
    const word = condition.negated ? no : yes
    return ((word >> BigInt(condition.bit)) & 1n) === (condition.negated ? 0n : 1n)
  }
  const values = condition.of.map((each) => holds(each, yes, no))
  return condition.kind === 'and' ? values.every(Boolean) : values.some(Boolean)
}

interface Track {
  readonly state: number
  readonly bits: bigint
}

function findBits(
  { automaton, bits: all }: ImageProgram,
  path: Uint8Array,
  args: Uint8Array,
  readMax: number,
): FoundBits<bigint> {
  const steps = new AutomatonSteps(automaton)
  const column = ({ state, bits }: Track, at: number): Track => {
    const next = steps.next(state, at)
    return { state: next, bits: bits | steps.bits(next) }
  }
  const step = (track: Track, ...bytes: readonly number[]): Track =>
    bytes.reduce((now, byte) => column(now, steps.column(byte)), track)
  const base = path.reduce<Track>((now, byte) => step(now, byte), {
    state: automaton.start,
    bits: steps.bits(automaton.start),
  })
  const ofPath = column(base, automaton.end).bits
  const text = args.subarray(0, Math.max(0, args.length - 1))
  const isCut = text.length > readMax
  let plain = step(base, blank)
  let quoted = step(plain, blank, quote)
  let hasBlank = false
  let isStarted = false
  const endArgument = (): void => {
    if (hasBlank) plain = step(quoted, quote)
  }
  for (const byte of text.subarray(0, readMax)) {
    if (byte === 0) {
      if (!isStarted) continue
      endArgument()
      plain = step(plain, blank)
      quoted = step(plain, quote)
      hasBlank = false
      continue
    }
    plain = step(plain, byte)
    quoted = step(quoted, byte)
    if (byte === blank) hasBlank = true
    isStarted = true
  }
  if (isCut) {
    const found = hasBlank ? quoted.bits : quoted.bits & plain.bits
    const certain = (ofPath & all.path) | ((isStarted ? found : base.bits) & all.commandLine)
    return { certain, possible: certain | all.commandLine }
  }
  endArgument()
  const line = isStarted ? column(plain, automaton.end).bits : ofPath
  const certain = (ofPath & all.path) | (line & all.commandLine)
  return { certain, possible: certain }
}
