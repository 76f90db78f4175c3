import type { Btf } from '@tetragon-ts/ebpf/btf'
import { type FeatureName, probe } from '@tetragon-ts/ebpf/features'
import type { Target } from '@tetragon-ts/ebpf/lang'
import { listTracepoints, tracepointFormat } from '@tetragon-ts/ebpf/links'
import { findMount } from '@tetragon-ts/ebpf/sys'
import { isFtraceOff } from '@tetragon-ts/sensors/kernel/ftrace'
import { defaultRingSize } from '@tetragon-ts/sensors/kernel/maps'
import { preemptsPrograms } from '@tetragon-ts/sensors/kernel/preemption'
import { findCgroupHierarchy } from '@tetragon-ts/sensors/process/cgroup-hierarchy'
import { hostNamespaces } from '@tetragon-ts/sensors/process/host-namespaces'
import { byKernel } from '../hook/refusal.ts'
import type { HookPlan } from '../hook-plans/hook-plan.ts'
import type { KernelView, ProgramKind } from '../hook-plans/kernel-view.ts'
import type { UserFile } from '../user-probes/index.ts'
import { KernelSymbols, readNames } from './kernel-symbols.ts'
import { oncePerTurn } from './once-per-turn.ts'
import { OpenUserFile } from './open-user-file.ts'
import { ownProcess } from './own-process.ts'
import { returnDistance } from './return-distance.ts'

const featureOf: Record<ProgramKind, FeatureName> = {
  fentry: 'fentry',
  kprobe: 'kprobe',
  kprobe_multi: 'kprobe_multi',
  lsm: 'lsm',
  fmod_ret: 'fmod_ret',
  override_return: 'override_return',
  tp_btf: 'tp_btf',
  tracepoint: 'tracepoint',
  raw_tp: 'raw_tp',
  sock_ops: 'sock_ops',
  cgroup_sock: 'cgroup',
  cgroup_skb: 'cgroup_skb',
  cgroup_sock_addr: 'cgroup_sock_addr',
  cgroup_sockopt: 'cgroup_sockopt',
  cgroup_device: 'cgroup_device',
  cgroup_sysctl: 'cgroup_sysctl',
  fanotify: 'fanotify',
  uprobe: 'uprobe',
  uprobe_cookie: 'uprobe_cookie',
  uprobe_multi: 'uprobe_multi',
  uprobe_registers: 'uprobe_registers',
  probe_write_user: 'probe_write_user',
}

/** Programs that the kernel runs by means of ftrace. */
const byFtrace: ReadonlySet<ProgramKind> = new Set([
  ...(['fentry', 'kprobe', 'kprobe_multi', 'lsm', 'fmod_ret', 'override_return'] as const),
])

const isFtraceOffNow = oncePerTurn(isFtraceOff)

/** Kinds of the hooks of such programs. */
const hooksByFtrace: ReadonlySet<string> = new Set([
  ...['fentry', 'fexit', 'fmod_ret', 'lsm', 'override_return'],
  ...['kprobe', 'kretprobe', 'kprobe.multi', 'kretprobe.multi'],
])

/** Why the kernel does not run programs of a plan at the moment; undefined if it does. */
export function whyNotInForce({ enter, leave }: HookPlan): string | undefined {
  const isByFtrace = [...enter, ...leave].some(({ hook }) => hooksByFtrace.has(hook.kind))
  return isByFtrace && isFtraceOffNow() ? 'kernel.ftrace_enabled is 0' : undefined
}

/** What an agent sets of {@link KernelView}, and back ends that its operator has disabled. */
export interface RunningKernelOptions
  extends Pick<KernelView, 'hostNamespace' | 'ringSize' | 'hierarchy' | 'hasGuards' | 'hostRoot'> {
  /** By default, only the file of the host. */
  readonly userFiles: KernelView['userFiles']
  readonly openUserFile: KernelView['openUserFile']
  readonly askUserFile: KernelView['askUserFile']
  readonly switchedOff: readonly ProgramKind[]
}

/** The running kernel, probed. */
export function runningKernel(btf: Btf, options: Partial<RunningKernelOptions> = {}): KernelView {
  const {
    switchedOff = [],
    ringSize = defaultRingSize,
    hasGuards = false,
    hostRoot = '/',
  } = options
  const { hostNamespace = hostNamespaces() } = options
  const { hierarchy = findCgroupHierarchy(btf, '/proc') } = options
  const symbols = new KernelSymbols()
  return {
    btf,
    hostNamespace,
    get agent() {
      return ownProcess()
    },
    tracepointFields: tracepointFormat,
    tracepoints: listTracepoints,
    hierarchy,
    ringSize,
    hasGuards,
    hostRoot,
    cgroupRoot: findMount('cgroup2'),
    readNames,
    hasSymbol: (name) => symbols.has(name),
    get symbols() {
      return symbols.names
    },
    get traceable() {
      return symbols.traceable
    },
    get preemptsPrograms() {
      return preemptsPrograms(btf)
    },
    openUserFile: options.openUserFile ?? ((path) => OpenUserFile.open(hostRoot, path)),
    askUserFile: options.askUserFile,
    userFiles: options.userFiles ?? ((path) => filesOfHost(hostRoot, path)),
    returnDistance: (kind) => returnDistance(kind, btf),
    refuses(kind) {
      if (switchedOff.includes(kind)) return byKernel('switched off by an option of the agent')
      const { answer, reason } = probe(featureOf[kind])
      if (answer !== 'yes') return byKernel(reason)
      const isOff = byFtrace.has(kind) && isFtraceOffNow()
      return isOff ? byKernel('kernel.ftrace_enabled is 0, so it would not run') : undefined
    },
  }
}

/** The file at a path, if there is one. */
function* filesOfHost(root: string, path: string): Iterable<UserFile> {
  let file: UserFile
  try {
    file = OpenUserFile.open(root, path)
  } catch {
    return
  }
  using open = file
  yield open
}

/** Target of policy programs. */
export function policyTarget(btf: Btf): Target {
  return {
    btf,
    bpfLoop: probe('bpf_loop').answer === 'yes',
    currentTaskBtf: probe('current_task_btf').answer === 'yes',
    directReads: probe('direct_reads').answer === 'yes',
    openReads: probe('open_reads').answer === 'yes',
    mapFields: probe('map_fields').answer === 'yes',
    guardedArguments: probe('guarded_arguments').answer === 'yes',
    longJumps: probe('long_jumps').answer === 'yes',
    exchange: probe('exchange').answer === 'yes',
  }
}
