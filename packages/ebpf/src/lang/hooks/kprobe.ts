import { programType } from '../../asm/index.ts'
import { processors } from '../../processors/index.ts'
import { Int } from '../int.ts'
import { memberType } from '../kernel-struct.ts'
import { makePointer } from '../pointer.ts'
import type { Hook } from './hook.ts'

/** Places of the first arguments in struct pt_regs (arch/x86 and arch/arm64, asm/ptrace.h). */
const argumentOffsets =
  processors === 'arm64' ? [0, 8, 16, 24, 32, 40, 48, 56] : [112, 104, 96, 88, 72, 64]
/** Place of the result in struct pt_regs: x0 or rax. */
const resultOffset = processors === 'arm64' ? 0 : 80

/** Where a kernel function starts; pointers are read with probe reads. Kernel 4.1. */
export function kprobe<A extends readonly unknown[]>(name: string): Hook<A> {
  return {
    kind: 'kprobe',
    target: name,
    resolve: () => ({ programType: programType.kprobe }),
    arguments(builder, btf) {
      const base = builder.context
      const params = btf.prototype(name)?.params ?? []
      const values = argumentOffsets.map((offset, i) => {
        const dst = builder.register()
        builder.emit({ op: 'load', dst, size: 8, base, offset })
        const type = params[i] && memberType(btf, params[i].typeId)
        if (type?.kind !== 'pointer' || !type.to) return new Int(builder, dst)
        const layout = type.to
        return makePointer({
          builder,
          space: 'kernel',
          base: dst,
          offset: 0,
          layout,
          nullable: false,
        })
      })
      // The kernel's types are known at run time only: the caller declares what they are.
      return values as unknown as A
    },
    attachment: { at: 'kprobe', symbol: name, atReturn: false },
  }
}

/**
 * Where a kernel function starts, for programs whose result, unless it is 0, should take the place
 * of the function's. They do not do that by themselves: the attached program calls
 * `bpf_override_return`. Kernel 4.16 with CONFIG_BPF_KPROBE_OVERRIDE, for functions that are marked
 * with ALLOW_ERROR_INJECTION, such as those of system calls.
 */
export function overridableKprobe<A extends readonly unknown[]>(name: string): Hook<A> {
  return { ...kprobe<A>(name), kind: 'override_return', result: 0 }
}

/** Where a kernel function returns, with its result. Kernel 4.1. */
export function kretprobe(name: string): Hook<[result: Int]> {
  return {
    kind: 'kretprobe',
    target: name,
    resolve: () => ({ programType: programType.kprobe }),
    arguments(builder) {
      const dst = builder.register()
      builder.emit({ op: 'load', dst, size: 8, base: builder.context, offset: resultOffset })
      return [new Int(builder, dst)]
    },
    attachment: { at: 'kprobe', symbol: name, atReturn: true },
  }
}
