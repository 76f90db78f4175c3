import { EbpfError } from '../errors/index.ts'
import type { BpfCommand } from './bpf-command.ts'
import { describeErrno, errnoName } from './errno.ts'

/** A system call that the kernel refused. */
export class SystemCallError extends EbpfError {
  override readonly name: string = 'SystemCallError'
  /** The error number, e.g. 1. */
  readonly errnoNumber: number
  /** Its name, e.g. `EPERM`. */
  readonly errno: string
  /** The command of bpf(2) that was refused; undefined for other system calls. */
  readonly command: BpfCommand | undefined

  /**
   * @param action what was tried, with its object: `attach fentry tcp_connect`
   * @param hint a cause that the error number alone does not show
   */
  constructor(action: string, errnoNumber: number, command?: BpfCommand, hint?: string) {
    const cause = describeErrno(errnoNumber)
    super('EBPF_SYSCALL', `${action}: ${hint === undefined ? cause : `${cause}; ${hint}`}`)
    this.errnoNumber = errnoNumber
    this.errno = errnoName(errnoNumber)
    this.command = command
  }
}
