import { attachType, programType } from '../../asm/index.ts'
import type { Btf } from '../../btf/index.ts'
import { EbpfError } from '../../errors/index.ts'
import type { TracingKind } from './attachment.ts'
import { contextArguments, type Hook } from './hook.ts'

/** Where a kernel function starts, with its typed arguments. Kernel 5.5. */
export function fentry<A extends readonly unknown[]>(name: string): Hook<A> {
  return typedFunction('fentry', name, name, attachType.traceFentry, false)
}

/** Where a kernel function returns: its arguments, then its result unless void. Kernel 5.5. */
export function fexit<A extends readonly unknown[]>(name: string): Hook<A> {
  return typedFunction('fexit', name, name, attachType.traceFexit, true)
}

/** May replace the result of a function that allows it (`security_*`). Kernel 5.7. */
export function fmodRet<A extends readonly unknown[]>(name: string): Hook<A> {
  return typedFunction('fmod_ret', name, name, attachType.modifyReturn, true)
}

/** BPF_F_SLEEPABLE in include/uapi/linux/bpf.h. */
const sleepableFlag = 1 << 4

/**
 * A hook of the Linux security modules; a non-zero result refuses. Kernel 5.7, `lsm=…,bpf`.
 * @param sleepable whether its programs may call helpers that wait, such as `ima_file_hash`: at
 * hooks that allow it (sleepable_lsm_hooks in kernel/bpf/bpf_lsm.c), kernel 5.10
 */
export function lsm<A extends readonly unknown[]>(
  name: string,
  { sleepable = false }: { readonly sleepable?: boolean } = {},
): Hook<A> {
  const symbol = `bpf_lsm_${name}`
  const hook: Hook<A> = typedFunction('lsm', name, symbol, attachType.lsmMac, false)
  if (!sleepable) return hook
  return { ...hook, resolve: (btf) => ({ ...hook.resolve(btf), flags: sleepableFlag }) }
}

function typedFunction<A extends readonly unknown[]>(
  kind: Exclude<TracingKind, 'tp_btf'>,
  target: string,
  symbol: string,
  expected: number,
  withResult: boolean,
): Hook<A> {
  const prototype = (btf: Btf) => {
    const found = btf.prototype(symbol)
    if (!found) throw new EbpfError('EBPF_NO_HOOK', `find ${kind} ${target}: no such function`)
    return found
  }
  return {
    kind,
    target,
    resolve(btf) {
      prototype(btf)
      const attachBtfId = btf.find(symbol, 'func') as number
      const type = kind === 'lsm' ? programType.lsm : programType.tracing
      return { programType: type, attachType: expected, attachBtfId }
    },
    arguments(builder, btf) {
      const { params, returnTypeId } = prototype(btf)
      const result = returnTypeId === 0 ? [] : [{ name: 'result', typeId: returnTypeId }]
      const all = withResult ? [...params, ...result] : params
      return contextArguments<A>(builder, btf, all, 'typed')
    },
    attachment: { at: 'loaded', kind },
  }
}
