import { Fd } from './fd.ts'
import { check, eventfd, poll, read, write } from './ffi.ts'
import { Memory } from './memory.ts'

const EFD_CLOEXEC = 0o2000000
const EFD_NONBLOCK = 0o4000
const POLLIN = 1

/** A doorbell between threads: an eventfd that one side rings and the other waits for. */
export class Doorbell {
  readonly fd: Fd
  readonly #counter = Memory.allocate(8)

  /** @param fd a doorbell of another thread of this process, by its number; a new one without it */
  constructor(fd?: number) {
    this.fd = new Fd(fd ?? check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), 'create eventfd'))
  }

  /** Without effect once it is closed. */
  ring(): void {
    if (this.fd.closed) return
    this.#counter.view.setBigUint64(0, 1n, true)
    check(write(this.fd.number, this.#counter.address, 8), 'ring doorbell')
  }

  /** Takes the rings so far; true if there was any. */
  answer(): boolean {
    return !this.fd.closed && read(this.fd.number, this.#counter.address, 8) === 8
  }

  /** Closes the descriptor, for all threads that use it. */
  close(): void {
    if (this.fd.closed) return
    this.fd.close()
    this.#counter.free()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Waits for input on a fixed set of descriptors, blocking the calling thread: for workers. */
export class Waiter {
  readonly #entries: Memory
  readonly #count: number

  /** @param fds descriptors to wait for; they stay the caller's */
  constructor(fds: readonly number[]) {
    this.#count = fds.length
    this.#entries = Memory.allocate(8 * fds.length)
    fds.forEach((fd, i) => {
      // struct pollfd: int fd, short events, short revents
      this.#entries.view.setInt32(8 * i, fd, true)
      this.#entries.view.setInt16(8 * i + 4, POLLIN, true)
    })
  }

  /**
   * Blocks until one descriptor has input.
   * @param timeoutMs milliseconds, -1 for no limit
   * @returns whether there is input; false after the time-out or a signal
   */
  wait(timeoutMs: number): boolean {
    return poll(this.#entries.address, this.#count, timeoutMs) > 0
  }

  /** Whether the descriptor at this place of the set had input in the last wait. */
  ready(index: number): boolean {
    return this.#entries.view.getInt16(8 * index + 6, true) !== 0
  }

  /** Gives its memory back; it must not be used afterwards. */
  close(): void {
    this.#entries.free()
  }
}
