import { readlinkSync } from 'node:fs'
import { assemble, call, exit, helper, programType, r0, rsh } from '../asm/index.ts'
import { EbpfError } from '../errors/index.ts'
import { loadProgram } from './load.ts'

/** PROC_PID_INIT_INO in include/linux/proc_ns.h: the number of the host's pid namespace. */
const hostNamespace = 'pid:[4026531836]'

let known: { readonly pid: number | undefined } | undefined

/** Whether this process is in the host's pid namespace, and not in that of a container. */
export function isInHostPidNamespace(): boolean {
  return readlinkSync('/proc/self/ns/pid') === hostNamespace
}

/**
 * The pid of this process on the host: the one that programs see. `process.pid` is that in the pid
 * namespace of the process. Undefined if it cannot be found: in a namespace before kernel 5.10.
 */
export function hostPid(): number | undefined {
  known ??= { pid: isInHostPidNamespace() ? process.pid : pidInKernel() }
  return known.pid
}

/** Runs a program in this thread that gives the pid. */
function pidInKernel(): number | undefined {
  const code = [call(helper.get_current_pid_tgid), rsh(r0, 32), exit()]
  try {
    const { rawTracepoint: type } = programType
    using program = loadProgram({ type, name: 'host_pid', code: assemble(code).bytes })
    return program.testRun().returnValue
  } catch (error) {
    if (error instanceof EbpfError) return undefined
    throw error
  }
}
