import { closeSync, openSync } from 'node:fs'
import {
  assemble,
  attachType,
  exit,
  type Item,
  load,
  loadMapValue,
  mov,
  programType,
  r0,
  r1,
  r2,
  store,
  storeImm,
} from '../asm/index.ts'
import {
  attachCgroup,
  attachIterator,
  attachKprobe,
  attachKprobeMulti,
  attachRawTracepoint,
  attachTracepoint,
  attachTracing,
  attachUprobe,
  attachUprobeMulti,
  FanotifyLink,
  type Link,
  runIterator,
} from '../links/index.ts'
import { array } from '../maps/index.ts'
import { createMap } from '../open-maps/index.ts'
import {
  isInHostPidNamespace,
  type LoadedProgram,
  loadProgram,
  type ProgramOptions,
} from '../programs/index.ts'
import { u32 } from '../records/index.ts'
import { findMount, openFileSystem, PinFolder } from '../sys/index.ts'
import { CouldNotTell } from './answer.ts'
import { entryPoint } from './entry-point.ts'
import { functionId, vmlinux } from './vmlinux.ts'

/** A function of the kernel made for tests, which nothing else calls: net/bpf/test_run.c. */
const testFunction = 'bpf_fentry_test1'
/** A tracepoint that is everywhere and does not come often. */
const tracepoint = 'sched_process_exit'

/** Loads a program that only returns, attaches it and lets go of it again. */
function attaches(
  options: Omit<ProgramOptions, 'name' | 'code'> & {
    readonly result?: number
    readonly before?: readonly Item[]
  },
  attach: (program: LoadedProgram) => Link,
): string {
  const { result = 0, before = [] } = options
  const code = assemble([...before, mov(r0, result), exit()]).bytes
  using program = loadProgram({ ...options, name: 'probe', code })
  const link = attach(program)
  // The caller does not wait for it: some kernels take 0.1 s to let go of a uprobe.
  void link.detach()
  return `attached to ${link.target}`
}

function cgroupAttaches(
  type: number,
  expectedAttachType: number,
  before: readonly Item[] = [],
): string {
  const root = findMount('cgroup2')
  if (!root) throw new CouldNotTell('cgroup2 is not mounted')
  // The result 1 permits all operations while it is attached.
  return attaches({ type, expectedAttachType, result: 1, before }, (program) =>
    attachCgroup(program, root, expectedAttachType),
  )
}

/** Place of the length in struct bpf_sockopt: include/uapi/linux/bpf.h. */
const optionLength = 32
/** Writes a register as it is: x0 or rax in struct pt_regs. */
const resultRegister = process.arch === 'arm64' ? 0 : 80
const writesRegister = [load(8, r2, r1, resultRegister), store(8, r1, resultRegister, r2)]
/** The length 0 lets through options that are longer than a page, too (Linux 5.8). */
const letsOptionsThrough = [mov(r0, 0), store(4, r1, optionLength, r0)]

/**
 * Without `bpf` among the active security modules a program attaches and never runs, so this one
 * has to show that it did: it notes each opening of a file.
 */
function lsmRuns(): string {
  using seen = createMap(array('seen', { value: u32 }))
  const code: Item[] = [loadMapValue(r1, seen.fd.number, 0), storeImm(4, r1, 0, 1)]
  using program = loadProgram({
    type: programType.lsm,
    expectedAttachType: attachType.lsmMac,
    attachBtfId: functionId('bpf_lsm_file_open'),
    name: 'probe',
    code: assemble([...code, mov(r0, 0), exit()]).bytes,
  })
  using link = attachTracing('lsm', program, 'file_open')
  closeSync(openSync('/proc/self/status', 'r'))
  if (seen.lookup(0) === 1) return `attached to ${link.target} and run`
  throw new Error(
    'attach lsm file_open: it attaches but never runs: bpf is not among the active security modules',
  )
}

function iteratorRuns(): string {
  using program = loadProgram({
    type: programType.tracing,
    expectedAttachType: attachType.traceIter,
    attachBtfId: functionId('bpf_iter_task'),
    name: 'probe',
    code: assemble([mov(r0, 0), exit()]).bytes,
  })
  using link = attachIterator(program, 'task')
  runIterator(link)
  return 'iterated over the tasks'
}

/** From inside a pid namespace, other threads of the host have no ID. */
function fanotifyMarks(): string {
  if (!isInHostPidNamespace()) {
    throw new Error('fanotify: this process is not in the pid namespace of the host')
  }
  // Callers that open a file directly in the root folder wait until the link is closed.
  using link = FanotifyLink.open({ event: 'open', root: '/', paths: ['/none'] })
  const [problem] = link.mark()
  if (problem !== undefined) throw new Error(problem)
  return 'marked the root folder'
}

function tracepointTypeId(): number {
  const id = vmlinux().find(`btf_trace_${tracepoint}`, 'typedef')
  if (id === undefined) throw new Error(`the kernel's BTF has no tracepoint ${tracepoint}`)
  return id
}

/** A system call that is rare. */
const rareCall = `__${process.arch === 'arm64' ? 'arm64' : 'x64'}_sys_quotactl`

/** Pins the link of a breakpoint's program, in a bpf file system that nothing else sees. */
function linkIsPinned(): string {
  using files = openFileSystem('bpf')
  const folder = new PinFolder(`/proc/self/fd/${files.number}`)
  return attaches({ type: programType.tracepoint }, (it) => {
    const link = attachTracepoint(it, 'sched', tracepoint, { pinnable: true })
    try {
      if (link.pin === undefined) throw new Error('pin link of a tracepoint: it has no links')
      link.pin(folder)
      return link
    } catch (error) {
      link.close()
      throw error
    }
  })
}

const { tracing, kprobe } = programType
const self = process.execPath

/** Ways to attach: each loads and attaches for real, for some kernels refuse only the latter. */
export const attachProbes = {
  raw_tp: () =>
    attaches({ type: programType.rawTracepoint }, (it) => attachRawTracepoint(it, tracepoint)),
  tp_btf: () =>
    attaches(
      { type: tracing, expectedAttachType: attachType.traceRawTp, attachBtfId: tracepointTypeId() },
      (it) => attachTracing('tp_btf', it, tracepoint),
    ),
  tracepoint: () =>
    attaches({ type: programType.tracepoint }, (it) => attachTracepoint(it, 'sched', tracepoint)),
  kprobe: () => attaches({ type: kprobe }, (it) => attachKprobe(it, testFunction)),
  kprobe_multi: () =>
    attaches({ type: kprobe, expectedAttachType: attachType.traceKprobeMulti }, (it) =>
      attachKprobeMulti(it, { symbols: [testFunction] }),
    ),
  fentry: () =>
    attaches(
      {
        type: tracing,
        expectedAttachType: attachType.traceFentry,
        attachBtfId: functionId(testFunction),
      },
      (it) => attachTracing('fentry', it, testFunction),
    ),
  fexit: () =>
    attaches(
      {
        type: tracing,
        expectedAttachType: attachType.traceFexit,
        attachBtfId: functionId(testFunction),
      },
      (it) => attachTracing('fexit', it, testFunction),
    ),
  // A security function, since others need a kernel with error injection.
  fmod_ret: () =>
    attaches(
      {
        type: tracing,
        expectedAttachType: attachType.modifyReturn,
        attachBtfId: functionId('security_quotactl'),
      },
      (it) => attachTracing('fmod_ret', it, 'security_quotactl'),
    ),
  /** Only kernels with function error injection permit it, CONFIG_FUNCTION_ERROR_INJECTION. */
  fmod_ret_syscall: () =>
    attaches(
      {
        type: tracing,
        expectedAttachType: attachType.modifyReturn,
        attachBtfId: functionId(rareCall),
      },
      (it) => attachTracing('fmod_ret', it, rareCall),
    ),
  link_pin: linkIsPinned,
  lsm: lsmRuns,
  uprobe: () =>
    attaches({ type: kprobe }, (it) =>
      attachUprobe(it, self, entryPoint(self), { pid: process.pid }),
    ),
  uprobe_multi: () =>
    attaches({ type: kprobe, expectedAttachType: attachType.traceUprobeMulti }, (it) =>
      attachUprobeMulti(it, self, { offsets: [entryPoint(self)], pid: process.pid }),
    ),
  /** bpf_get_attach_cookie in programs at uprobes. */
  uprobe_cookie: () =>
    attaches({ type: kprobe }, (it) =>
      attachUprobe(it, self, entryPoint(self), { pid: process.pid, cookie: 1n }),
    ),
  /**
   * Programs at uprobes that write registers: kprobe_prog_is_valid_access in bpf_trace.c permits it
   * to all programs of the type since Linux 6.18, and only uprobes accept those that do.
   */
  uprobe_registers: () =>
    attaches({ type: kprobe, before: writesRegister }, (it) =>
      attachUprobe(it, self, entryPoint(self), { pid: process.pid }),
    ),
  iterator: iteratorRuns,
  fanotify: fanotifyMarks,
  cgroup: () => cgroupAttaches(programType.cgroupSock, attachType.cgroupInetSockCreate),
  sock_ops: () => cgroupAttaches(programType.sockOps, attachType.cgroupSockOps),
  cgroup_skb: () => cgroupAttaches(programType.cgroupSkb, attachType.cgroupInetEgress),
  cgroup_sock_addr: () => cgroupAttaches(programType.cgroupSockAddr, attachType.cgroupInet4Connect),
  cgroup_sockopt: () =>
    cgroupAttaches(programType.cgroupSockopt, attachType.cgroupSetsockopt, letsOptionsThrough),
  cgroup_device: () => cgroupAttaches(programType.cgroupDevice, attachType.cgroupDevice),
  cgroup_sysctl: () => cgroupAttaches(programType.cgroupSysctl, attachType.cgroupSysctl),
}
