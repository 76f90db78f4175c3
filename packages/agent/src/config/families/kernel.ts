import { text } from '../option.ts'

/** The kernel and the machine. */
export const kernelOptions = {
  procfs: text({ value: 'DIR', default: '/proc', help: "the host's proc file system" }),
  btf: text({
    value: 'FILE',
    default: '/sys/kernel/btf/vmlinux',
    help: "the kernel's type information",
  }),
}
