import type { Bytes, Code, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import { execBuffers } from '../kernel/maps.ts'
import { type PathLocation, walkPath } from '../kernel/path-walk.ts'
import type { File } from '../kernel/types.ts'
import type { ExecContent } from '../records/process.ts'
import { executablePath } from './exec-file.ts'
import { findVariables } from './exec-variables.ts'

/** Offset in a buffer of what is known of its content, after all that the loops use. */
const resultOffset = 7168

/** Where the facts about an exec are found. */
export interface ExecSources {
  readonly root: PathLocation
  readonly pwd: PathLocation
  readonly file: Ptr<File>
  readonly environment: { readonly start: Int; readonly end: Int }
}

/** Bytes in scratch memory, with numbers about them by name. */
export interface Found<Name extends string = never> {
  readonly buffer: Bytes
  number(name: Name | 'start' | 'length'): Int
}

/** Facts about an exec that take loops to find. */
export interface ExecWalks {
  readonly cwd: Found<'complete' | 'deleted'>
  /** Undefined: not wanted. */
  readonly executable: Found<'cut' | 'deleted'> | undefined
  readonly variables: Found<'cut'> | undefined
}

/**
 * Finds facts about an exec, and keeps them in scratch memory. Kernels without bpf_loop (before
 * 5.17) verify each round of the loops again for each state in which the program reaches them:
 * there it must be called before the program branches. Elsewhere call it where it is needed.
 */
export function findExecFacts(
  k: Code,
  { executable, variables }: ExecContent,
  memory: Bytes,
  { root, pwd, file, environment }: ExecSources,
): ExecWalks {
  const at = (name: keyof typeof execBuffers): Bytes => memory.at(execBuffers[name].offset)
  return {
    cwd: keep(at('cwd'), walkPath(k, pwd, root, at('cwd'))),
    executable: executable
      ? keep(at('executable'), executablePath(k, file, root, at('executable')))
      : undefined,
    variables: variables
      ? keep(at('variables'), findVariables(k, at('variables'), environment))
      : undefined,
  }
}

/** Stores numbers in the buffer: the program's stack is nearly full. */
function keep<Name extends string>(
  buffer: Bytes,
  numbers: { readonly [N in Name]: Int },
): { readonly buffer: Bytes; number(name: Name): Int } {
  const names = Object.keys(numbers) as Name[]
  const cells = names.map((name, i) => buffer.at(resultOffset).cell(i * 8, numbers[name]))
  return { buffer, number: (name) => cells[names.indexOf(name)].get() }
}
