import { attachType, programType } from '../../asm/index.ts'
import { EbpfError } from '../../errors/index.ts'
import { findStruct } from '../kernel-struct.ts'
import { makePointer } from '../pointer.ts'
import type { Hook } from './hook.ts'

/**
 * Visits every object of a kind; the body gets the fields of struct bpf_iter__KIND by these names.
 * Pointers may be null (at the end of the walk): test before use. Kernel 5.8.
 */
export function iterator<A extends readonly unknown[]>(
  kind: string,
  fields: readonly string[],
): Hook<A> {
  return {
    kind: 'iterator',
    target: kind,
    resolve(btf) {
      const attachBtfId = btf.find(`bpf_iter_${kind}`, 'func')
      if (attachBtfId === undefined) {
        throw new EbpfError('EBPF_NO_HOOK', `find iterator ${kind}: this kernel has none`)
      }
      return { programType: programType.tracing, attachType: attachType.traceIter, attachBtfId }
    },
    arguments(builder, btf) {
      const base = builder.context
      const layout = findStruct(btf, `bpf_iter__${kind}`)
      const values = fields.map((name) => {
        const member = layout?.member(name)
        if (member?.type.kind !== 'pointer' || !member.type.to) {
          return builder.fail(`iterator ${kind} gives no pointer ${name}`)
        }
        const dst = builder.register()
        builder.emit({ op: 'load', dst, size: 8, base, offset: member.offset })
        const to = member.type.to
        return makePointer({
          builder,
          space: 'typed',
          base: dst,
          offset: 0,
          layout: to,
          nullable: true,
        })
      })
      // The kernel's types are known at run time only: the caller declares what they are.
      return values as unknown as A
    },
    attachment: { at: 'iterator', kind },
  }
}
