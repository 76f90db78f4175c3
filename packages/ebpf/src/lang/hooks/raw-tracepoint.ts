import { programType } from '../../asm/index.ts'
import { contextArguments, type Hook } from './hook.ts'

/** A tracepoint without types: members are read with probe reads. Kernel 4.17. */
export function rawTracepoint<A extends readonly unknown[]>(name: string): Hook<A> {
  return {
    kind: 'raw_tracepoint',
    target: name,
    resolve: () => ({ programType: programType.rawTracepoint }),
    arguments(builder, btf) {
      const { params } = btf.tracepointPrototype(name) ?? { params: [] }
      return contextArguments<A>(builder, btf, params, 'kernel')
    },
    attachment: { at: 'raw_tracepoint', name },
  }
}
