import { processFlags } from '@tetragon-ts/api'
import type { Bytes, Code, Int, Ptr, RecordWriter, Variable } from '@tetragon-ts/ebpf/lang'
import { execBuffers } from '../kernel/maps.ts'
import { type PathLocation, walkPath } from '../kernel/path-walk.ts'
import type { File, Path, TaskStruct } from '../kernel/types.ts'
import { type ExecContent, execMarks, type ProcessRecords } from '../records/process.ts'
import { executablePath } from './exec-file.ts'
import { isInUpperLayer } from './exec-layer.ts'
import { sessionOf } from './exec-session.ts'
import { findVariables } from './exec-variables.ts'

/** Offset in a buffer of the numbers, after all that the loops use. */
const numbersOffset = 7168
/** Mask of offsets in a buffer, and of lengths. */
const bytesMax = 4095

/** Writes the record of an exec. */
type ExecWriter = RecordWriter<ProcessRecords['ExecRecord']['shape']>

/** Bytes in scratch memory, with numbers about them by name. */
export interface Found<Name extends string = never> {
  readonly buffer: Bytes
  number(name: Name | 'start' | 'length'): Int
}

/** Keeps numbers about the content of a buffer until they are used. */
export type Keep = <Name extends string>(
  name: keyof typeof execBuffers,
  numbers: { readonly [N in Name]: Int },
) => { readonly buffer: Bytes; number(name: Name): Int }

/**
 * How a program keeps numbers: on its stack, or if that is nearly full, after the content of the
 * buffer, which takes two instructions more for each. Addresses are computed again for each use, so
 * that none is kept on the stack either.
 */
export function keepIn(place: 'stack' | 'memory', memory: Bytes): Keep {
  return (name, numbers) => {
    const { offset } = execBuffers[name]
    const names = Object.keys(numbers) as (keyof typeof numbers)[]
    const at = (each: keyof typeof numbers): Bytes =>
      memory.at(offset + numbersOffset + names.indexOf(each) * 8)
    if (place === 'memory') for (const each of names) at(each).store(8, 0, numbers[each])
    return {
      get buffer() {
        return memory.at(offset)
      },
      number: (each) => (place === 'memory' ? at(each).load(8) : numbers[each]),
    }
  }
}

/** Where the facts about an exec are found. */
export interface ExecSources {
  readonly root: Path
  readonly pwd: Path
  readonly file: Ptr<File>
  readonly task: Ptr<TaskStruct>
  readonly environment: { readonly start: Int; readonly end: Int }
}

/** Facts about an exec that take loops to find. */
export interface ExecWalks {
  readonly cwd: Found<'complete' | 'deleted'>
  /** Undefined: not wanted. */
  readonly executable: Found<'cut' | 'deleted'> | undefined
  readonly variables: Found<'cut'> | undefined
  /** Not 0 if the executable is in the writable layer of an overlay. */
  readonly upper: (() => Int) | undefined
  /** Pid of the leader of the session. */
  readonly session: (() => Int) | undefined
}

/** Whether an exec has any of the optional facts. */
export function hasFacts(content: ExecContent): boolean {
  return Object.values(content).some((isWanted) => isWanted)
}

/**
 * Finds facts about an exec, and keeps them in scratch memory. Kernels without bpf_loop (before
 * 5.17) verify each round of the loops again for each state in which the program reaches them:
 * there it must be called before the program branches. Elsewhere call it where it is needed.
 */
export function findExecFacts(
  k: Code,
  { executable, variables, layer, session }: ExecContent,
  memory: Bytes,
  keep: Keep,
  { root, pwd, file, environment, task }: ExecSources,
): ExecWalks {
  // First: the addresses of paths need stack from here on.
  const inUpper = layer
    ? keep('upper', { upper: k.select(isInUpperLayer(k, file), 1, 0) })
    : undefined
  const leader = session ? keep('session', { session: sessionOf(k, task) }) : undefined
  const at = (name: keyof typeof execBuffers): Bytes => memory.at(execBuffers[name].offset)
  const location = ({ dentry, mnt }: Path): PathLocation => ({
    dentry: k.address(dentry),
    mount: k.address(mnt),
  })
  const top = location(root)
  return {
    cwd: keep('cwd', walkPath(k, location(pwd), top, at('cwd'))),
    executable: executable
      ? keep('executable', executablePath(k, file, top, at('executable')))
      : undefined,
    variables: variables
      ? keep('variables', findVariables(k, at('variables'), environment))
      : undefined,
    upper: inUpper && (() => inUpper.number('upper')),
    session: leader && (() => leader.number('session')),
  }
}

/**
 * Appends the optional facts about an exec to its record.
 * @param marks gets bits of `execMarks`
 */
export function appendExecFields(
  k: Code,
  { executable, variables, upper }: ExecWalks,
  writer: ExecWriter,
  marks: Variable,
): void {
  const markIf = (test: Int, bit: number): void =>
    k.when(test.ne(0), () => marks.set(marks.or(bit)))
  if (upper) markIf(upper(), execMarks.upperLayer)
  if (executable) {
    markIf(executable.number('deleted'), execMarks.executableDeleted)
    markIf(executable.number('cut'), execMarks.executableCut)
    appendFound(k, 'executable', executable, writer)
  }
  if (variables) {
    markIf(variables.number('cut'), execMarks.variablesCut)
    k.when(variables.number('length').ne(0), () => appendFound(k, 'variables', variables, writer))
  }
}

/** Appends the working directory. */
export function appendCwd(
  k: Code,
  { cwd }: ExecWalks,
  writer: ExecWriter,
  flags: Int & { set(value: Int): void },
): void {
  k.when(
    cwd.number('complete').eq(0),
    () => flags.set(flags.or(processFlags.errorPathResolutionCwd)),
    () => k.when(cwd.number('length').eq(0), () => flags.set(flags.or(processFlags.rootcwd))),
  )
  appendFound(k, 'cwd', cwd, writer)
}

/** Copies bytes from a buffer into the record. */
function appendFound(
  k: Code,
  name: 'cwd' | 'executable' | 'variables',
  found: Pick<Found, 'buffer' | 'number'>,
  writer: ExecWriter,
): void {
  writer.tail(name, (to) => {
    const length = found.number('length').and(bytesMax)
    k.readKernel(to, length, found.buffer.at(found.number('start').and(bytesMax)).address())
    return length
  })
}
