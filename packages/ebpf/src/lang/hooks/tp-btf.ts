import { attachType, programType } from '../../asm/index.ts'
import { EbpfError } from '../../errors/index.ts'
import { contextArguments, type Hook } from './hook.ts'

/** A tracepoint with typed arguments: member loads are plain instructions. Kernel 5.5. */
export function tpBtf<A extends readonly unknown[]>(name: string): Hook<A> {
  return {
    kind: 'tp_btf',
    target: name,
    resolve(btf) {
      const attachBtfId = btf.find(`btf_trace_${name}`, 'typedef')
      if (attachBtfId === undefined) {
        throw new EbpfError('EBPF_NO_HOOK', `find tracepoint ${name}: this kernel has none`)
      }
      return { programType: programType.tracing, attachType: attachType.traceRawTp, attachBtfId }
    },
    arguments(builder, btf) {
      const { params } = btf.tracepointPrototype(name) ?? { params: [] }
      return contextArguments<A>(builder, btf, params, 'typed')
    },
    attachment: { at: 'loaded', kind: 'tp_btf' },
  }
}
