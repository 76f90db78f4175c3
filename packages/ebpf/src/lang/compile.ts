import { positionText } from '#ebpf-platform'
import * as asm from '../asm/index.ts'
import type { ProgramBtf } from '../btf/index.ts'
import { BtfBuilder, encodeFuncInfo, encodeLineInfo, type LineInfo } from '../btf/index.ts'
import type { MapSpec } from '../maps/index.ts'
import { formatPosition, type SourcePosition } from '../platform/source-position.ts'
import { chunkOps, runSteps, type Steps } from '../steps/index.ts'
import type { Target } from './code.ts'
import { dropUnreachable, dropUnused } from './codegen/flow.ts'
import { checkStackDepth, type FunctionStack } from './codegen/frame.ts'
import { isVirtual, type LocalFunction, type Op } from './codegen/ir.ts'
import { liveIntervals } from './codegen/liveness.ts'
import { lower } from './codegen/lower.ts'
import { allocate } from './codegen/registers.ts'
import type { Program } from './program.ts'

// The verifier follows each combination of known register values as a separate state: ten arguments
// with a flag each would be a thousand paths, and a loop counter in a register makes each round a
// new state. So loop counters are kept in map memory (`Cell`), flags and lengths are computed
// without branches, and typed pointers become plain numbers before arithmetic and loops. Positions
// in TypeScript are recorded only when the verifier has refused a program, which is then compiled
// again: they took a fifth of the time.

/** A program as the kernel takes it. */
export interface CompiledProgram {
  readonly code: Uint8Array
  /** Instruction slots. */
  readonly slots: number
  readonly btf: ProgramBtf
  readonly instructions: readonly asm.Instruction[]
  /** Source position of a slot, for verifier errors. */
  position(slot: number): string | undefined
}

export interface CompileOptions {
  /** Gives a map's descriptor number; called for every map that the code refers to. */
  mapFd(map: MapSpec): number
  /**
   * Whether each instruction remembers the line of TypeScript that it comes from, which takes a
   * fifth of the time. Otherwise those that were given a position have it, such as the line of a
   * policy, and the others that of the program.
   */
  positions?: boolean
}

/** Compiles a program for a kernel. @throws LanguageError, AsmError, BtfError */
export function compile(
  program: Program,
  target: Target,
  options: CompileOptions,
): CompiledProgram {
  return runSteps(compileInSteps(program, target, options))
}

/** The same in steps: a program of 100,000 instructions takes seconds. */
export function* compileInSteps(
  program: Program,
  target: Target,
  options: CompileOptions,
): Steps<CompiledProgram> {
  const { positions = true } = options
  const { ops, registers } = yield* program.build(target, positions)
  const functions: LocalFunction[] = []
  const labels = new Map<LocalFunction, asm.Label>()
  const starts: FunctionStart[] = []
  const written: asm.Item[] = []
  const context = {
    mapFd: options.mapFd,
    functionLabel(local: LocalFunction): asm.Label {
      let label = labels.get(local)
      if (!label) {
        label = asm.label(local.name)
        labels.set(local, label)
      }
      return label
    },
  }
  function* add(start: FunctionStart, body: readonly Op[]): Steps<FunctionStack> {
    const reached = dropUnreachable(body)
    yield
    const kept = dropUnused(reached, registers)
    yield
    const calls = calledFunctions(kept)
    functions.push(...calls)
    const intervals = yield* liveIntervals(kept, registers)
    yield
    const allocation = allocate(program.name, kept, intervals, registers)
    yield
    starts.push(start)
    written.push(asm.place(start.label))
    yield* lower(kept, allocation, context, written)
    return { bytes: allocation.stack, calls }
  }
  const { name } = program
  const own = yield* add({ label: asm.label(name), name, parameters: ['ctx'], isGlobal: true }, ops)
  const stacks = new Map<LocalFunction, FunctionStack>()
  for (let i = 0; i < functions.length; i++) {
    const local = functions[i]
    const { parameters } = local
    const label = context.functionLabel(local)
    const start = {
      label,
      name: `${name}_${local.name}_${i}`,
      parameters,
      isGlobal: local.isGlobal,
    }
    stacks.set(local, yield* add(start, local.body))
  }
  checkStackDepth(name, own, stacks)

  yield
  const items = target.longJumps ? asm.withLongJumps(written) : written
  yield
  const { bytes, instructionOffsets, count } = asm.assemble(items)
  yield
  const offsets = starts.map(({ label }) => {
    const index = items.findIndex((item) => asm.isPlace(item) && item.place === label)
    return instructionOffsets[index]
  })
  yield
  const btf = yield* programBtf(program, starts, offsets, { items, instructionOffsets })
  return {
    code: bytes,
    slots: count,
    btf,
    get instructions() {
      return items.filter((item): item is asm.Instruction => !asm.isPlace(item))
    },
    position(slot) {
      const at = items.findLast((item, i) => !asm.isPlace(item) && instructionOffsets[i] <= slot)
      if (at === undefined || asm.isPlace(at)) return undefined
      const { note } = at
      const position = at.position as SourcePosition | undefined
      if (!position) return undefined
      return `${formatPosition(position)}${note ? `: ${note}` : ''}`
    },
  }
}

interface FunctionStart {
  readonly label: asm.Label
  readonly name: string
  readonly parameters: readonly string[]
  readonly isGlobal?: boolean | undefined
}

/** Functions that operations call, themselves or as callbacks of a helper. */
function calledFunctions(ops: readonly Op[]): LocalFunction[] {
  const called: LocalFunction[] = []
  for (const op of ops) {
    if (op.op !== 'call') continue
    if (op.local) called.push(op.local)
    for (const arg of op.args) {
      if (!isVirtual(arg) && 'callback' in arg) called.push(arg.callback)
    }
  }
  return called
}

interface PlacedItems {
  readonly items: readonly asm.Item[]
  readonly instructionOffsets: readonly number[]
}

/**
 * Names the functions, and sets the source line of each instruction for bpftool and verifier logs.
 */
function* programBtf(
  program: Program,
  starts: readonly FunctionStart[],
  offsets: readonly number[],
  { items, instructionOffsets }: PlacedItems,
): Steps<ProgramBtf> {
  const builder = new BtfBuilder()
  const int = builder.int('int', 4, { signed: true })
  const word = builder.int('long', 8)
  const funcInfo = starts.map(({ name, parameters, isGlobal }, i) => {
    const params = parameters.map((parameter) => ({ name: parameter, typeId: word }))
    const proto = builder.funcProto(int, params)
    const typeId = builder.func(name.replaceAll(/\W/g, '_'), proto, isGlobal ? 'global' : 'static')
    return { slot: offsets[i], typeId }
  })
  const lineInfo: LineInfo[] = []
  const starting = new Set(offsets)
  let last = ''
  let lastPosition: SourcePosition | undefined
  for (let i = 0; i < items.length; i++) {
    if (i % chunkOps === 0) yield
    const item = items[i]
    if (asm.isPlace(item)) continue
    const slot = instructionOffsets[i]
    const position = (item.position ?? program.position) as SourcePosition | undefined
    const isStart = starting.has(slot)
    if (position === lastPosition && lineInfo.length > 0 && !isStart) continue
    lastPosition = position
    const key = position ? formatPosition(position) : ''
    if (key === last && !isStart) continue
    last = key
    lineInfo.push({
      slot,
      fileName: builder.string(shortFile(position?.file ?? program.name)),
      lineText: builder.string(position ? positionText(position) : program.name),
      line: position?.line ?? 0,
      column: position?.column ?? 0,
    })
  }
  return {
    blob: builder.bytes(),
    funcInfo: encodeFuncInfo(funcInfo),
    lineInfo: encodeLineInfo(lineInfo),
  }
}

/**
 * The last parts of a path: enough to find the file, and nothing of the machine it was built on.
 */
function shortFile(file: string): string {
  return file.split('/').slice(-3).join('/')
}
