import { Btf } from '../btf/index.ts'

/** The kernel's BTF. @throws BtfError */
export function vmlinux(): Btf {
  return Btf.open()
}

/**
 * Id of what a raw tracepoint gives to its programs. @throws Error when BTF has none of that name
 */
export function tracepointId(event: string): number {
  const id = vmlinux().find(`btf_trace_${event}`, 'typedef')
  if (id === undefined) throw new Error(`the kernel's BTF has no tracepoint ${event}`)
  return id
}

/** Id of a kernel function. @throws Error when BTF has none of that name */
export function functionId(name: string): number {
  const id = vmlinux().find(name, 'func')
  if (id === undefined) throw new Error(`the kernel's BTF has no function ${name}`)
  return id
}
