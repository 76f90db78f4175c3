import type { Btf, Parameter } from '../../btf/index.ts'
import type { Builder } from '../builder.ts'
import { Int } from '../int.ts'
import { memberType } from '../kernel-struct.ts'
import { makePointer, type Space } from '../pointer.ts'
import type { Attachment } from './attachment.ts'

/** How a program is loaded for a hook, beyond its code. */
export interface LoadTarget {
  /** A number of `programType`. */
  readonly programType: number
  /** A number of `attachType`. */
  readonly attachType?: number
  readonly attachBtfId?: number
  /** Bits of `prog_flags`. */
  readonly flags?: number
}

/** A place in the kernel that runs a program; `A` are the arguments that the body gets. */
export interface Hook<A extends readonly unknown[] = readonly unknown[]> {
  readonly kind: string
  readonly target: string
  /** What programs return when nothing else is said: 0 unless given. */
  readonly result?: number
  /** Finds the hook in the kernel's types. @throws EbpfError if it is not there */
  resolve(btf: Btf): LoadTarget
  /** Emits the loads of the arguments from the program's context. */
  arguments(builder: Builder, btf: Btf): A
  readonly attachment: Attachment
}

/**
 * Arguments that lie in the context as 64-bit words, as tracing programs and raw tracepoints see
 * them: pointers to structures in `space`, everything else as integers.
 */
export function contextArguments<A extends readonly unknown[]>(
  builder: Builder,
  btf: Btf,
  params: readonly Parameter[],
  space: Space,
): A {
  const base = builder.context
  const values = params.map(({ typeId, name }, i) => {
    const type = memberType(btf, typeId)
    return builder.noted(`argument ${name || i}`, () => {
      const dst = builder.register()
      builder.emit({ op: 'load', dst, size: 8, base, offset: i * 8 })
      if (type.kind === 'pointer' && type.to) {
        const layout = type.to
        return makePointer({ builder, space, base: dst, offset: 0, layout, nullable: false })
      }
      const value = new Int(builder, dst)
      return type.kind === 'int' && type.size === 4 ? value.low32() : value
    })
  })
  // The kernel's types are known at run time only: the caller declares what they are.
  return values as unknown as A
}
