import { integer } from '../numbers.ts'
import { flag, text } from '../option.ts'

const generated = 'programs are made here, for the kernel at hand and what a policy uses'
const nothingPinned = 'nothing is pinned: programs and maps go with the agent'

/** The kernel and the machine. */
export const kernelOptions = {
  procfs: text({ value: 'DIR', default: '/proc/', help: "the host's proc file system" }),
  btf: text({
    value: 'FILE',
    help: "the kernel's type information; by default /sys/kernel/btf/vmlinux",
  }),
  verbose: integer({
    value: 'LEVEL',
    default: '1',
    min: 0,
    max: 2,
    help: "what to show of the verifier's log when the kernel refuses a program: 0 the reason, 1 the last lines, 2 all",
  }),
  'disable-kprobe-multi': flag({
    help: 'attach to functions one by one, where one link could do it for many',
  }),
  'bpf-lib': text({
    default: '/var/lib/tetragon/',
    help: 'folder with programs',
    noEffect: generated,
  }),
  'bpf-dir': text({ default: 'tetragon', help: 'folder for pins', noEffect: nothingPinned }),
  kernel: text({
    help: 'version of the kernel',
    noEffect: 'what a kernel offers is found out by trying',
  }),
  'force-large-progs': flag({ help: 'load large programs', noEffect: generated }),
  'force-small-progs': flag({ help: 'load small programs', noEffect: generated }),
  'release-pinned-bpf': flag({
    default: 'true',
    help: 'remove pins of the agent before',
    noEffect: nothingPinned,
  }),
  'netns-dir': text({
    default: '/var/run/docker/netns/',
    help: 'folder with network namespaces',
    noEffect: 'the namespaces of a process are read from the process itself',
  }),
}
