import { Btf } from '../btf/index.ts'

let kept: WeakRef<Btf> | undefined

/** The kernel's BTF, shared by probes that follow each other and given up afterwards. */
export function vmlinux(): Btf {
  let btf = kept?.deref()
  if (!btf) {
    btf = Btf.open()
    kept = new WeakRef(btf)
  }
  return btf
}

/** Id of a kernel function. @throws Error when BTF has none of that name */
export function functionId(name: string): number {
  const id = vmlinux().find(name, 'func')
  if (id === undefined) throw new Error(`the kernel's BTF has no function ${name}`)
  return id
}
