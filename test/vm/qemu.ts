import { readFileSync } from 'node:fs'
import type { Architecture } from './kernels.ts'

/** Parameters of a virtual machine. */
export interface MachineOptions {
  readonly architecture: Architecture
  readonly cpus: number
  readonly memoryMiB: number
  /**
   * Counts guest instructions and derives the guest's clock from them: one nanosecond each, on one
   * processor, so that guest times are independent of the host's load.
   */
  readonly icount: boolean
  /** Boot image and initramfs. */
  readonly image: string
  readonly initramfs: string
  /** Socket of virtiofsd, and the file of the kernel's console. */
  readonly socket: string
  readonly console: string
  readonly extra: readonly string[]
}

/** Path of Debian's virtiofsd, which is not in PATH. */
export const virtiofsd = '/usr/libexec/virtiofsd'

/** Arguments for virtiofsd: the host's whole root, served to one guest. */
export function virtiofsdArguments(socket: string): string[] {
  // The host's files do not change under a running guest, so it may cache all of them.
  return [
    ...['--shared-dir', '/', '--socket-path', socket],
    ...['--sandbox', 'none', '--cache', 'always', '--xattr', '--log-level', 'error'],
  ]
}

/**
 * Frequency of this machine's time stamp counter in kHz, which guests see unchanged. A virtual
 * machine reports it as the frequency of its processors; on others it is unknown.
 */
function counterFrequency(): number | undefined {
  const info = readFileSync('/proc/cpuinfo', 'utf8')
  if (!/^flags\s*:.* hypervisor\b/m.test(info)) return undefined
  const [, megahertz] = /^cpu MHz\s*:\s*([\d.]+)$/m.exec(info) ?? []
  return megahertz === undefined ? undefined : Math.round(Number(megahertz) * 1000)
}

/**
 * The kernel command line: all security modules that tests need, and a fast boot.
 * @param frequency of the time stamp counter in kHz: without it, a kernel that boots on a busy
 *   machine measures a wrong one, and its clock is too fast
 */
function kernelCommandLine(architecture: Architecture, frequency: number | undefined): string {
  return [
    `console=${architecture.console}`,
    'quiet',
    // A panic ends the machine: together with -no-reboot that ends QEMU.
    'panic=-1',
    'oops=panic',
    'lsm=landlock,lockdown,yama,apparmor,bpf',
    'cgroup_no_v1=all',
    'mitigations=off',
    'random.trust_cpu=on',
    // Emulation is slow and uneven: no false alarms, no fallback to a slower clock.
    'nowatchdog',
    'tsc=reliable',
    'no_timer_check',
    'rcupdate.rcu_cpu_stall_suppress=1',
    ...(frequency === undefined ? [] : [`tsc_early_khz=${frequency}`]),
  ].join(' ')
}

/** Arguments for QEMU: only the devices that the guest uses. */
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
    ...[
      '-append',
      kernelCommandLine(architecture, options.icount ? undefined : counterFrequency()),
    ],
    ...options.extra,
  ]
}
