import { flag, integer, text } from '@tetragon-ts/service/options'

const generated = 'programs are generated for the running kernel and the policy'

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
  'bpf-dir': text({
    value: 'NAME',
    default: 'tetragon',
    help: 'folder in the bpf file system for --keep-sensors-on-exit',
  }),
  'keep-sensors-on-exit': flag({
    help: 'keep programs attached when the agent ends, however it ends: policies still enforce',
  }),
  'keep-sensors-on-restart': flag({
    help:
      'keep programs attached until the next agent replaces them, if this one is killed, fails, or ' +
      'ends by SIGQUIT; other signals detach them',
  }),
  kernel: text({
    help: 'version of the kernel',
    noEffect: 'features of the kernel are found by probing',
  }),
  'force-large-progs': flag({ help: 'load large programs', noEffect: generated }),
  'force-small-progs': flag({ help: 'load small programs', noEffect: generated }),
  'release-pinned-bpf': flag({
    default: 'true',
    help: "detach programs of an earlier agent at start; if false, once this agent's policies are in force",
  }),
  'netns-dir': text({
    default: '/var/run/docker/netns/',
    help: 'folder with network namespaces',
    noEffect: 'the namespaces of a process are read from the process itself',
  }),
}
