import type { ProgramBtf } from '../btf/index.ts'
import { EbpfError } from '../errors/index.ts'
import { runSteps, type Steps, waitFor } from '../steps/index.ts'
import {
  type BpfAttr,
  bpf,
  bpfCommand,
  bpfOnThread,
  Fd,
  liftsLimitFor,
  Memory,
  SystemCallError,
  withoutSignals,
} from '../sys/index.ts'
import { loadBtf } from './btf-object.ts'
import { LoadedProgram } from './loaded-program.ts'
import { VerifierError } from './verifier-error.ts'

const slotSize = 8
const funcInfoSize = 8 // struct bpf_func_info
const lineInfoSize = 16 // struct bpf_line_info
const smallestLog = 1 << 14
const largestLog = 1 << 26
/** Each attempt verifies the program again, which takes seconds for a complex one. */
const logGrowth = 1 << 6
/** BPF_LOG_STATS in include/linux/bpf_verifier.h: the result, without the instructions. */
const statsLevel = 4
const interruptedTries = 5

export interface ProgramOptions {
  /** A number of `programType`. */
  readonly type: number
  /** Shown by bpftool; the kernel keeps 15 characters. */
  readonly name: string
  /** Instructions as bytes. */
  readonly code: Uint8Array
  /** `GPL` when absent; many helpers are for GPL programs only. */
  readonly license?: string
  /** A number of `attachType`, where the program type asks for one. */
  readonly expectedAttachType?: number
  /** BTF id of the hook: function (fentry, LSM), typedef (tp_btf) or iterator function. */
  readonly attachBtfId?: number
  /** Descriptor of the module's BTF that the id belongs to; vmlinux when absent. Kernel 5.11. */
  readonly attachBtfObjectFd?: number
  /** `programFlag`. */
  readonly flags?: number
  readonly kernelVersion?: number
  readonly btf?: ProgramBtf
  /** Module BTF descriptors that kfunc calls refer to by index. Kernel 5.14. */
  readonly fdArray?: readonly number[]
  /** Source position of an instruction slot, for error messages. */
  readonly positions?: (slot: number) => string | undefined
  /** Keep the verifier's log of a program that loads: 1 normal, 2 all states, 4 statistics. */
  readonly logLevel?: number
}

/**
 * Verifies and loads a program. The first attempt is made without a log, since writing it makes
 * verification several times slower; only a program that fails is verified again with one.
 * @throws VerifierError when the verifier has a say, BtfLoadError, EbpfError EBPF_PROGRAM_CODE,
 * SystemCallError for the rest
 */
export function loadProgram(options: ProgramOptions): LoadedProgram {
  return runSteps(loadInSteps(options, onThisThread))
}

/**
 * The same in steps: the verifier runs on another thread, for up to half a minute. A caller that
 * ends them early does so between attempts.
 */
export function loadProgramInSteps(options: ProgramOptions): Steps<LoadedProgram> {
  return loadInSteps(options, onAnotherThread)
}

/** Calls bpf(2) for BPF_PROG_LOAD. @throws SystemCallError */
type CallLoad = (fill: (attr: BpfAttr) => void, action: string, isRepeated: boolean) => Steps<Fd>

function* onThisThread(
  fill: (attr: BpfAttr) => void,
  action: string,
  isRepeated: boolean,
): Steps<Fd> {
  const call = (): Fd => bpf(bpfCommand.progLoad, fill, action, (fd) => new Fd(fd))
  return isRepeated ? withoutSignals(call) : call()
}

function* onAnotherThread(fill: (attr: BpfAttr) => void, action: string): Steps<Fd> {
  return new Fd(yield* waitFor(bpfOnThread(bpfCommand.progLoad, fill, action)))
}

function* loadInSteps(options: ProgramOptions, call: CallLoad): Steps<LoadedProgram> {
  const { name, type, logLevel = 0 } = options
  if (options.code.byteLength % slotSize !== 0) {
    const length = options.code.byteLength
    throw new EbpfError(
      'EBPF_PROGRAM_CODE',
      `load program ${name}: ${length} bytes of code, must be a multiple of ${slotSize}`,
    )
  }
  using btf = options.btf ? loadBtf(options.btf.blob) : undefined
  if (logLevel > 0) {
    const { fd, log } = yield* loadWithLog(options, btf, call, logLevel)
    return new LoadedProgram(name, type, fd, log)
  }
  try {
    return new LoadedProgram(name, type, yield* load(options, btf, call))
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error
    // The program is too large or too complex: the log of a million instructions says no more.
    const level = error.errno === 'E2BIG' ? statsLevel : 1
    yield
    const { fd, log } = yield* loadWithLog(options, btf, call, level)
    return new LoadedProgram(name, type, fd, log)
  }
}

function* loadWithLog(
  options: ProgramOptions,
  btf: Fd | undefined,
  call: CallLoad,
  level: number,
): Steps<{ fd: Fd; log: string }> {
  for (let size = smallestLog; ; size *= logGrowth) {
    using memory = Memory.allocate(Math.min(size, largestLog))
    try {
      const fd = yield* load(options, btf, call, { memory, level })
      return { fd, log: memory.text() }
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error
      // The log did not fit. From 6.4 on its end is kept, before that its beginning.
      if (error.errno === 'ENOSPC' && size < largestLog) continue
      const log = memory.text()
      if (log.trim() === '') throw error
      throw new VerifierError(options.name, error, log, options.positions)
    }
  }
}

interface Log {
  readonly memory: Memory
  readonly level: number
}

function* load(options: ProgramOptions, btf: Fd | undefined, call: CallLoad, log?: Log): Steps<Fd> {
  const action = `load program ${options.name}`
  const attributes = (attr: BpfAttr): void => fill(attr, options, btf, log)
  for (let left = interruptedTries; ; left--) {
    try {
      return yield* call(attributes, action, left < interruptedTries)
    } catch (error) {
      // A signal that arrives makes the verifier give up; that to stop cannot be held back.
      const interrupted = error instanceof SystemCallError && error.errno === 'EAGAIN'
      const mayRepeat = (interrupted && left > 0) || liftsLimitFor(error)
      if (!mayRepeat) throw error
    }
  }
}

/** The part of union bpf_attr for BPF_PROG_LOAD. */
function fill(attr: BpfAttr, options: ProgramOptions, btf: Fd | undefined, log?: Log): void {
  const { code } = options
  attr.u32(0, options.type).u32(4, code.byteLength / slotSize)
  attr.copy(8, code)
  attr.string(16, options.license ?? 'GPL')
  if (log) attr.u32(24, log.level).u32(28, log.memory.size).pointer(32, log.memory)
  attr
    .u32(40, options.kernelVersion ?? 0)
    .u32(44, options.flags ?? 0)
    .name(48, options.name)
  attr.u32(68, options.expectedAttachType ?? 0)
  if (btf && options.btf) {
    const { funcInfo, lineInfo } = options.btf
    attr.u32(72, btf.number)
    if (funcInfo.byteLength > 0) {
      attr
        .u32(76, funcInfoSize)
        .u32(88, funcInfo.byteLength / funcInfoSize)
        .copy(80, funcInfo)
    }
    if (lineInfo.byteLength > 0) {
      attr
        .u32(92, lineInfoSize)
        .u32(104, lineInfo.byteLength / lineInfoSize)
        .copy(96, lineInfo)
    }
  }
  attr.u32(108, options.attachBtfId ?? 0).u32(112, options.attachBtfObjectFd ?? 0)
  if (options.fdArray) attr.copy(120, new Uint8Array(Int32Array.from(options.fdArray).buffer))
}
