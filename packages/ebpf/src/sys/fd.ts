import { close } from './ffi.ts'

/** An open file descriptor that is closed once. Kernel objects live as long as something holds them. */
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

  /** Closes the descriptor; further calls do nothing. */
  close(): void {
    if (this.#number < 0) return
    close(this.#number)
    this.#number = -1
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
