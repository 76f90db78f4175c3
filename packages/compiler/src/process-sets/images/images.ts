import type { Int } from '@tetragon-ts/ebpf/lang'
import {
  decideImage,
  type ImageCondition,
  type ImageProgram,
  imageProgram,
} from '@tetragon-ts/policy'
import type { CodeContext } from '../../hook/code-context.ts'
import { plainTask } from '../../hook/hit.ts'
import type { CommandMembership, StartedProgram } from '../../hook/membership.ts'
import { isError, withZero } from '../../hook/memory.ts'
import { memberBits } from '../member.ts'
import { bufferSize, pathMax, readCalledPath } from './called-path.ts'
import { decideBits } from './decide-bits.ts'
import { ImageSearch, openTable } from './image-search.ts'

/** Bytes of the arguments that are read, and one; kernels without bpf_loop verify each of them. */
export const argumentsMax = { withLoops: bufferSize, before: 2048 }
/** Pieces of 4 kB of the first argument, which is not shown. */
const firstPieces = { withLoops: 33, before: 16 }

/**
 * The processes whose called path and command line match, as they were at their last exec. Unknown
 * if these could not be read, or not far enough.
 * @throws Error if the condition is too large: see `imageProgram`
 */
export function images(condition: ImageCondition, of: 'process' | 'parent'): CommandMembership {
  const program = imageProgram(condition)
  if ('tooLarge' in program) throw new Error(`compile rule: ${program.tooLarge}`)
  return {
    key: `images ${of} ${JSON.stringify(condition)}`,
    decidedAt: 'exec',
    inherited: false,
    needsScratch: true,
    ofParents: of === 'parent',
    needsPath: true,
    atExec: (started, context) => atExec(started, context, program),
    ofRunning({ commandLine, path }) {
      const known = path?.length ? path : undefined
      const found = decideImage(program, known, argumentsOf(commandLine))
      return found === undefined ? memberBits.unknown : found ? memberBits.self : 0
    },
  }
}

/** Without the first one. A process that has written a title over them leaves zeros at the end. */
function argumentsOf(commandLine: Uint8Array): Uint8Array {
  let end = commandLine.length
  while (end > 0 && commandLine[end - 1] === 0) end--
  const first = commandLine.indexOf(0)
  return first < 0 ? new Uint8Array() : commandLine.subarray(first + 1, end + 1)
}

function atExec(
  { task, filename }: StartedProgram,
  context: CodeContext,
  program: ImageProgram,
): Int {
  const { k } = context
  const { path, commandLine } = program.bits
  const words = context.scratch(16)
  const certain = words.cell(0, 0)
  const possible = words.cell(8, path | commandLine)
  const table = openTable(context, program)
  if (filename !== undefined) {
    const called = readCalledPath(context, task, filename)
    k.when(
      table.ne(0).and(() => called.unknown.eq(0)),
      () => {
        const search = new ImageSearch(context, program, table)
        const { bytes, length } = called
        const found = search.path({ bytes, length: length.and(pathMax - 1), max: pathMax })
        const line = readArguments({ task, context, search })
        certain.set(found.or(line.bits))
        possible.set(found.or(line.bits).or(k.select(line.isWhole.ne(0), 0, commandLine)))
      },
    )
  }
  return decideBits(context, program, { certain: certain.get(), possible: possible.get() })
}

interface Arguments {
  readonly task: StartedProgram['task']
  readonly context: CodeContext
  readonly search: ImageSearch
}

/** Searches the command line. @returns its bits, and not 0 if all of it was read */
function readArguments({ task, context, search }: Arguments): { bits: Int; isWhole: Int } {
  const { k } = context
  const { arg_start, arg_end } = plainTask(k, task).mm
  const loops = k.target.bpfLoop ? 'withLoops' : 'before'
  const max = argumentsMax[loops]
  const buffer = context.scratch(bufferSize, 'image')
  const words = context.scratch(48)
  const cursor = words.cell(0, arg_start)
  /** 1 after the first argument. */
  const isAfter = words.cell(8, 0)
  const end = words.cell(16, arg_end)
  const bits = words.cell(24, 0)
  const isWhole = words.cell(32, 0)
  const length = words.cell(40, 0)
  k.loop(firstPieces[loops], (_, leave) => {
    k.when(isAfter.get().ne(0), leave)
    k.when(cursor.get().ge(end.get()), () => {
      isAfter.set(1)
      leave()
    })
    const copied = k.call('probe_read_user_str', buffer, pathMax, cursor.get())
    k.when(isError(copied).ne(0), leave)
    const got = withZero(copied)
    // Cut off: the next piece continues where the zero was written.
    const whole = got.sub(pathMax).shiftRight(63)
    cursor.set(cursor.get().add(got).sub(whole.xor(1)))
    isAfter.set(whole)
  })
  // Without the zero at the end.
  const left = k.variable(end.get().sub(cursor.get()).sub(1))
  k.when(isAfter.get().ne(0), () =>
    k.when(
      left.signedLe(0),
      () => isWhole.set(1),
      () => {
        isWhole.set(k.select(left.lt(max), 1, 0))
        length.set(k.select(left.lt(max), left, max - 1))
        const result = k.readUser(buffer, length.get().and(max - 1), cursor.get())
        k.when(result.ne(0), () => {
          length.set(0)
          isWhole.set(0)
        })
      },
    ),
  )
  search.arguments({ bytes: buffer, length: length.get().and(max - 1), max })
  k.when(
    isWhole.get().ne(0),
    () => bits.set(search.whole),
    () => bits.set(search.certain),
  )
  return { bits: bits.get(), isWhole: isWhole.get() }
}
