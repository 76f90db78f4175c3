import type { Architecture } from './kernels.ts'

/** What a virtual machine is made of. */
export interface MachineOptions {
  readonly architecture: Architecture
  readonly cpus: number
  readonly memoryMiB: number
  /**
   * Counts guest instructions and derives the guest's clock from them: one nanosecond each, on one
   * processor, so that times in the guest do not depend on what else the host does.
   */
  readonly icount: boolean
  /** Boot image and initramfs. */
  readonly image: string
  readonly initramfs: string
  /** Socket of virtiofsd, and the file that gets the kernel's console. */
  readonly socket: string
  readonly console: string
  readonly extra: readonly string[]
}

/** Path of Debian's virtiofsd, which lies outside of PATH. */
export const virtiofsd = '/usr/libexec/virtiofsd'

/** Arguments for virtiofsd: the host's whole root, served to one guest. */
export function virtiofsdArguments(socket: string): string[] {
  // The host's files do not change under a running guest, so that it may cache all of them.
  return [
    ...['--shared-dir', '/', '--socket-path', socket],
    ...['--sandbox', 'none', '--cache', 'always', '--xattr', '--log-level', 'error'],
  ]
}

/** The kernel command line: all the security modules that tests rely on, and a quick boot. */
export function kernelCommandLine(architecture: Architecture): string {
  return [
    `console=${architecture.console}`,
    'quiet',
    // A panic ends the machine at once: together with -no-reboot that ends QEMU.
    'panic=-1',
    'oops=panic',
    'lsm=landlock,lockdown,yama,apparmor,bpf',
    'cgroup_no_v1=all',
    'mitigations=off',
    'random.trust_cpu=on',
    // Software emulation is slow and uneven: no false alarms, no fall back to a slower clock.
    'nowatchdog',
    'tsc=reliable',
    'no_timer_check',
    'rcupdate.rcu_cpu_stall_suppress=1',
  ].join(' ')
}

/** Arguments for QEMU: no device beyond what the guest uses. */
export function qemuArguments(options: MachineOptions): string[] {
  const { architecture } = options
  const memory = `${options.memoryMiB}M`
  const acceleration = options.icount
    ? ['-accel', 'tcg,thread=single', '-smp', '1', '-icount', 'shift=0,align=off,sleep=on']
    : ['-accel', 'tcg,thread=multi', '-smp', String(options.cpus)]
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-machine', `${architecture.machine},memory-backend=memory`],
    ...['-cpu', architecture.processor],
    ...acceleration,
    ...['-m', memory, '-object', `memory-backend-memfd,id=memory,size=${memory},share=on`],
    ...['-chardev', `socket,id=root,path=${options.socket}`],
    ...['-device', 'vhost-user-fs-pci,chardev=root,tag=root,queue-size=1024'],
    ...['-serial', `file:${options.console}`],
    ...['-kernel', options.image, '-initrd', options.initramfs],
    ...['-append', kernelCommandLine(architecture)],
    ...options.extra,
  ]
}
