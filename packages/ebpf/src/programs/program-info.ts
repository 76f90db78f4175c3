import { programTypeName } from '../asm/index.ts'
import {
  describeAll,
  describeHeld,
  type Fd,
  type HeldObject,
  objectInfo,
  objectName,
} from '../sys/index.ts'

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

/**
 * All programs that the kernel holds, regardless of their loader. Needs CAP_SYS_ADMIN.
 * @throws SystemCallError
 */
export function listPrograms(): ProgramInfo[] {
  return describeAll('program', programInfo)
}

/** A program that this process holds. */
export type HeldProgram = ProgramInfo & HeldObject

/** All programs that this process holds. Needs CAP_SYS_ADMIN. @throws SystemCallError */
export function heldPrograms(): HeldProgram[] {
  return describeHeld('program', programInfo)
}
