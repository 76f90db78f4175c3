import { close as closeAsync } from 'node:fs'
import { check, close, fcntl } from './ffi.ts'

const F_DUPFD_CLOEXEC = 1030

/**
 * An open file descriptor that is closed once. Kernel objects live as long as something holds them.
 */
export class Fd {
  #number: number

  constructor(number: number) {
    this.#number = number
  }

  /** The descriptor's number; throws after `close`. */
  get number(): number {
    if (this.#number < 0) throw new Error('use file descriptor: it was closed before')
    return this.#number
  }

  get closed(): boolean {
    return this.#number < 0
  }

  /** Another descriptor of the same object. @throws SystemCallError */
  duplicate(): Fd {
    return new Fd(check(fcntl(this.number, F_DUPFD_CLOEXEC, 0), 'duplicate descriptor'))
  }

  /** Closes the descriptor; further calls do nothing. */
  close(): void {
    if (this.#number < 0) return
    close(this.#number)
    this.#number = -1
  }

  /**
   * Closes the descriptor without blocking this thread, for objects that the kernel takes its time
   * to let go of. Resolves when it is done; further calls do nothing.
   */
  closeInBackground(): Promise<void> {
    if (this.#number < 0) return Promise.resolve()
    const number = this.#number
    this.#number = -1
    return new Promise((resolve) => closeAsync(number, () => resolve()))
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
