import {
  type Fd,
  heldObjects,
  objectById,
  objectIds,
  objectInfo,
  objectName,
} from '../sys/index.ts'
import { programTypeName } from './program-type.ts'

const infoSize = 232

/** What the kernel says of a program: struct bpf_prog_info in include/uapi/linux/bpf.h. */
export interface ProgramInfo {
  readonly id: number
  readonly name: string
  /** A name of `programType`, or `type 99` for one it lacks. */
  readonly type: string
  /** Instruction slots after the verifier's rewriting. */
  readonly instructions: number
  /** Bytes of machine code; 0 where the JIT is off. */
  readonly jitedBytes: number
  /** Instructions that the verifier went over, branches counted anew; 0 before kernel 5.16. */
  readonly verifiedInstructions: number
  /** Time and number of runs since loading; counted only while run statistics are enabled. */
  readonly runTimeNs: bigint
  readonly runCount: bigint
  /** Runs skipped because the program was running on that CPU already. Kernel 5.12. */
  readonly recursionMisses: bigint
  /** Nanoseconds since boot. */
  readonly loadTime: bigint
}

/** @throws SystemCallError with the given action */
export function programInfo(fd: Fd, action: string): ProgramInfo {
  return objectInfo(fd.number, infoSize, action, ({ view, bytes }) => ({
    id: view.getUint32(4, true),
    name: objectName(bytes, 64),
    type: programTypeName(view.getUint32(0, true)),
    instructions: view.getUint32(20, true) / 8,
    jitedBytes: view.getUint32(16, true),
    verifiedInstructions: view.getUint32(216, true),
    runTimeNs: view.getBigUint64(192, true),
    runCount: view.getBigUint64(200, true),
    recursionMisses: view.getBigUint64(208, true),
    loadTime: view.getBigUint64(40, true),
  }))
}

/** A program of the system as {@link listPrograms} shows it. */
export interface ListedProgram {
  readonly id: number
  readonly name: string
  readonly type: string
}

/** All programs that the kernel holds, whoever loaded them. Needs CAP_SYS_ADMIN. */
export function listPrograms(): ListedProgram[] {
  const programs: ListedProgram[] = []
  for (const id of objectIds('program')) {
    using fd = objectById('program', id)
    // Between the two calls the program may have gone.
    if (!fd) continue
    const { name, type } = programInfo(fd, `ask for program ${id}`)
    programs.push({ id, name, type })
  }
  return programs
}

/** A program that this process holds. */
export interface HeldProgram extends ProgramInfo {
  /** Bytes of kernel memory. */
  readonly memoryBytes: number
}

/** All programs that this process holds, with what the kernel says of them. Needs CAP_SYS_ADMIN. */
export function heldPrograms(): HeldProgram[] {
  const programs: HeldProgram[] = []
  for (const { id, memoryBytes } of heldObjects('program')) {
    using fd = objectById('program', id)
    if (fd) programs.push({ ...programInfo(fd, `ask for program ${id}`), memoryBytes })
  }
  return programs
}
