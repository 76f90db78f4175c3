import { callerPosition } from '#ebpf-platform'
import type { SourcePosition } from '../platform/source-position.ts'
import type { Steps } from '../steps/index.ts'
import { Builder } from './builder.ts'
import { Code } from './code.ts'
import type { Op } from './codegen/ir.ts'
import { directRead } from './direct-read.ts'
import type { Hook } from './hooks/index.ts'
import type { Target } from './target.ts'

/** A program as written: a hook and the body that is run, in TypeScript, to produce its code. */
export interface Program {
  readonly name: string
  readonly hook: Hook
  /** Where it was declared. */
  readonly position: SourcePosition | undefined
  /** Runs the body for a kernel. @throws LanguageError */
  build(target: Target, recordPositions: boolean): Steps<BuiltProgram>
}

/** The arguments that a hook gives to the body of its programs. */
export type ArgumentsOf<H extends Hook> =
  H extends Hook<infer A extends readonly unknown[]> ? A : never

/** The operations of a program, before registers are chosen. */
export interface BuiltProgram {
  readonly ops: Op[]
  readonly registers: number
}

/**
 * Declares a kernel program. The body runs whenever the program is loaded; what it does not write
 * down for the kernel at hand does not exist in the program.
 * @param name shown by bpftool; the kernel keeps 15 characters
 * @param body a generator if it is long: others may run between its steps
 */
export function program<H extends Hook>(
  name: string,
  hook: H,
  body: (k: Code, ...args: ArgumentsOf<H>) => void | Steps<void>,
): Program {
  return {
    name,
    hook,
    position: callerPosition(),
    *build(target, recordPositions) {
      const builder = new Builder(name, recordPositions, directRead(target))
      const args = hook.arguments(builder, target.btf)
      const k = new Code(builder, target, hook.result)
      // TypeScript does not resolve ArgumentsOf for a type parameter.
      const steps: unknown = body(k, ...(args as unknown as ArgumentsOf<H>))
      if (isSteps(steps)) yield* steps
      k.exit()
      yield
      return { ops: builder.ops, registers: builder.registers }
    },
  }
}

/** TypeScript takes a body that returns something else, such as the result of its last call. */
function isSteps(result: unknown): result is Steps<void> {
  return typeof result === 'object' && result !== null && Symbol.iterator in result
}
