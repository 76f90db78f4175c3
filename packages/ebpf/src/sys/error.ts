import { describeErrno, errnoName } from './errno.ts'

/**
 * An error of this library: `code` is stable, the message says the action first, then the cause.
 */
export class EbpfError extends Error {
  override readonly name: string = 'EbpfError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A system call that the kernel refused. */
export class SystemCallError extends EbpfError {
  override readonly name: string = 'SystemCallError'
  /** The error number, e.g. 1. */
  readonly errnoNumber: number
  /** Its name, e.g. `EPERM`. */
  readonly errno: string

  /** @param action what was tried, with its object: `attach fentry tcp_connect` */
  constructor(action: string, errnoNumber: number) {
    super('EBPF_SYSCALL', `${action}: ${describeErrno(errnoNumber)}`)
    this.errnoNumber = errnoNumber
    this.errno = errnoName(errnoNumber)
  }
}
