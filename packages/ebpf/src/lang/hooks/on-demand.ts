import { programType } from '../../asm/index.ts'
import { Int } from '../int.ts'
import type { Hook } from './hook.ts'

/** The arguments of a program on demand: 64-bit integers, by their names. */
type Integers<N extends readonly string[]> = { readonly [I in keyof N]: Int }

/**
 * Nothing in the kernel runs the program: user space does, with `LoadedProgram.testRun`, in its own
 * thread and without preemption. `context` holds the arguments, and `returnValue` is the value that
 * the program ends with. Kernel 5.10.
 */
export function onDemand<const N extends readonly string[]>(...names: N): Hook<Integers<N>> {
  return {
    kind: 'on_demand',
    target: 'test run',
    resolve: () => ({ programType: programType.rawTracepoint }),
    arguments(builder) {
      const base = builder.context
      const values = names.map((name, i) =>
        builder.noted(`argument ${name}`, () => {
          const dst = builder.register()
          builder.emit({ op: 'load', dst, size: 8, base, offset: i * 8 })
          return new Int(builder, dst)
        }),
      )
      // One for each name: map() forgets the length of a tuple.
      return values as unknown as Integers<N>
    },
    attachment: { at: 'demand' },
  }
}
