import {
  add,
  assemble,
  atomicExchange,
  attachType,
  call,
  callKfunc,
  callLocal,
  exit,
  helper,
  jumpIf,
  jumpLong,
  label,
  load,
  loadMapFd,
  mov,
  place,
  programType,
  r0,
  r1,
  r2,
  r3,
  r6,
  r10,
  store,
} from '../asm/index.ts'
import { directRead } from '../lang/direct-read.ts'
import { allProcesses, processIterator } from '../lang/process-iterator.ts'
import { progArray } from '../maps/index.ts'
import { createMap } from '../open-maps/index.ts'
import { loadProgram, type ProgramOptions, VerifierError } from '../programs/index.ts'
import { CouldNotTell } from './answer.ts'
import { functionId, tracepointId, vmlinux } from './vmlinux.ts'

/**
 * What verifiers say of a helper that they do not know or do not give to this kind of program. The
 * error number is the same for all that they refuse: only their log differs.
 */
const unknownHelper = /unknown func|invalid func|cannot use helper|helper call is not allowed/

/**
 * Whether a kind of program may call a helper. The call has no arguments: a complaint about those
 * shows that the helper itself was accepted.
 */
function callable(name: keyof typeof helper, kind?: Partial<ProgramOptions>): string {
  const number = helper[name]
  try {
    loadProgram({
      type: programType.rawTracepoint,
      ...kind,
      name: 'probe',
      code: assemble([call(number), mov(r0, 0), exit()]).bytes,
    }).close()
  } catch (error) {
    if (!(error instanceof VerifierError) || unknownHelper.test(error.log)) throw error
  }
  return `the verifier knows helper ${number}`
}

const tracingAt = (attach: number, name: string): Partial<ProgramOptions> => ({
  type: programType.tracing,
  expectedAttachType: attach,
  attachBtfId: functionId(name),
})

/**
 * Whether a load through the first argument of a kind of program may meet an address that cannot be
 * read: the verifier makes it a load whose fault gives zero unless it trusts the pointer, and its
 * log shows of each register whether it does. @throws Error unless the log shows that it does not
 */
function argumentIsGuarded(where: string, kind: Omit<ProgramOptions, 'name' | 'code'>): string {
  const code = assemble([load(8, r1, r1, 0), mov(r0, 0), exit()]).bytes
  using program = loadProgram({ ...kind, name: 'probe', code, logLevel: 2 })
  const shown = /R1(?:_w)?=(\w*ptr_\w+)/.exec(program.verifierLog ?? '')?.[1]
  if (shown === undefined) throw new CouldNotTell(`the log shows no argument of ${where}`)
  if (!shown.startsWith('ptr_')) throw new Error(`the verifier takes that of ${where} for ${shown}`)
  return `that of ${where} is ${shown}`
}

/** Helpers and kernel functions; whether the programs that may call them attach is asked apart. */
export const helperProbes = {
  bpf_loop: () => callable('loop'),
  get_func_ret: () =>
    callable('get_func_ret', tracingAt(attachType.traceFexit, 'bpf_fentry_test1')),
  ktime_get_boot_ns: () => callable('ktime_get_boot_ns'),
  current_task_btf: () => callable('get_current_task_btf'),
  probe_read_kernel: () => callable('probe_read_kernel'),
  // Only for functions that hold no lock which d_path takes: kernel/trace/bpf_trace.c,
  // btf_allowlist_d_path.
  d_path: () => callable('d_path', tracingAt(attachType.traceFentry, 'filp_close')),
  send_signal: () => callable('send_signal'),
  /** A program that calls a function of its own and makes a tail call: Linux 5.10 on x86. */
  functions_and_tail_calls: () => {
    using programs = createMap(progArray('probe', { maxEntries: 1 }))
    const inner = label('inner')
    const own = [mov(r6, r1), callLocal(inner), mov(r1, r6)]
    const tail = [loadMapFd(r2, programs.fd.number), mov(r3, 0), call(helper.tail_call)]
    const end = [mov(r0, 0), exit()]
    const code = assemble([...own, ...tail, ...end, place(inner), ...end]).bytes
    loadProgram({ type: programType.rawTracepoint, name: 'probe', code }).close()
    return 'a program calls a function and makes a tail call'
  },
  override_return: () => callable('override_return', { type: programType.kprobe }),
  probe_write_user: () => {
    try {
      return callable('probe_write_user', { type: programType.kprobe })
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error
      // All kernels have it. LOCKDOWN_BPF_WRITE_USER in kernel/trace/bpf_trace.c.
      throw new Error('bpf_probe_write_user: the kernel is locked down', { cause: error })
    }
  },
  long_jumps: () => {
    const end = label('end')
    const code = assemble([mov(r0, 0), jumpLong(end), place(end), exit()]).bytes
    loadProgram({ type: programType.rawTracepoint, name: 'probe', code }).close()
    return 'a program jumps by 32 bits'
  },
  exchange: () => {
    const swap = [mov(r1, 0), store(8, r10, -8, r1), atomicExchange(8, r10, -8, r1)]
    const code = assemble([...swap, mov(r0, 0), exit()]).bytes
    loadProgram({ type: programType.rawTracepoint, name: 'probe', code }).close()
    return 'a program exchanges memory atomically'
  },
  direct_reads: () => {
    const ids = directRead({ btf: vmlinux(), directReads: true })
    if (!ids) throw new Error("the kernel's BTF has no function bpf_rdonly_cast")
    const { cast, numbers } = ids
    const cast0 = [mov(r1, 0), mov(r2, numbers), callKfunc(cast), load(8, r0, r0, 0)]
    const code = assemble([...cast0, mov(r0, 0), exit()]).bytes
    loadProgram({ type: programType.rawTracepoint, name: 'probe', code }).close()
    return `kernel function bpf_rdonly_cast, BTF id ${cast}`
  },
  open_reads: () => {
    const ids = directRead({ btf: vmlinux(), directReads: true, openReads: true })
    if (!ids?.bytes) throw new Error("the kernel's BTF has no structure that ends in bytes")
    const { cast, bytes } = ids
    const far = load(8, r0, r0, bytes.offset + 1000)
    const code = assemble([mov(r1, 0), mov(r2, bytes.id), callKfunc(cast), far, mov(r0, 0), exit()])
    loadProgram({ type: programType.rawTracepoint, name: 'probe', code: code.bytes }).close()
    return `bytes at ${bytes.offset} of BTF type ${bytes.id}`
  },
  each_process: () => {
    const ids = processIterator(vmlinux())
    if (!ids) throw new Error("the kernel's BTF has no function bpf_iter_task_new")
    const state = [mov(r1, r10), add(r1, -ids.size)]
    const begin = [...state, mov(r2, 0), mov(r3, allProcesses), callKfunc(ids.create)]
    const top = label('next')
    const round = [place(top), ...state, callKfunc(ids.next), jumpIf('ne', r0, 0, top)]
    const end = [...state, callKfunc(ids.destroy), mov(r0, 0), exit()]
    const code = assemble([...begin, ...round, ...end]).bytes
    loadProgram({ type: programType.rawTracepoint, name: 'probe', code }).close()
    return `kernel function bpf_iter_task_new, BTF id ${ids.create}`
  },
  guarded_arguments: () => {
    const kinds = [
      argumentIsGuarded('a raw tracepoint', {
        type: programType.tracing,
        expectedAttachType: attachType.traceRawTp,
        attachBtfId: tracepointId('sched_process_exit'),
      }),
      argumentIsGuarded('an LSM hook', {
        type: programType.lsm,
        expectedAttachType: attachType.lsmMac,
        attachBtfId: functionId('bpf_lsm_file_open'),
      }),
    ]
    return kinds.join('; ')
  },
  copy_from_user_str: () => {
    const id = vmlinux().find('bpf_copy_from_user_str', 'func')
    if (id === undefined) throw new Error("the kernel's BTF has no function bpf_copy_from_user_str")
    return `kernel function, BTF id ${id}`
  },
}
