import { flag, integer, text } from '@tetragon-ts/options'

const generated = 'programs are generated for the running kernel and the policy'
const nothingPinned = 'nothing is pinned: programs and maps disappear with the agent'

/** The kernel and the machine. */
export const kernelOptions = {
  procfs: text({ value: 'DIR', default: '/proc/', help: "path of the host's proc file system" }),
  btf: text({
    value: 'FILE',
    help: "file with the kernel's BTF types; default: /sys/kernel/btf/vmlinux",
  }),
  verbose: integer({
    value: 'LEVEL',
    default: '1',
    min: 0,
    max: 2,
    help:
      "how much of the verifier's log to show when the kernel refuses a program: 0: only the " +
      'reason, 1: the last lines, 2: everything',
  }),
  'disable-kprobe-multi': flag({
    help: 'attach to each function separately, even if one link could attach to many',
  }),
  'bpf-lib': text({
    default: '/var/lib/tetragon/',
    help: 'folder with programs',
    noEffect: generated,
  }),
  'bpf-dir': text({ default: 'tetragon', help: 'folder for pins', noEffect: nothingPinned }),
  kernel: text({
    help: 'version of the kernel',
    noEffect: 'features of the kernel are found by probing',
  }),
  'force-large-progs': flag({ help: 'load large programs', noEffect: generated }),
  'force-small-progs': flag({ help: 'load small programs', noEffect: generated }),
  'release-pinned-bpf': flag({
    default: 'true',
    help: 'remove pinned objects of an earlier agent',
    noEffect: nothingPinned,
  }),
  'netns-dir': text({
    default: '/var/run/docker/netns/',
    help: 'folder with network namespaces',
    noEffect: 'the namespaces of a process are read from the process itself',
  }),
}
