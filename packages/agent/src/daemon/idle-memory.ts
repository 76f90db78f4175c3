/** Milliseconds after the last change of a policy until its memory is freed. */
const quietMs = 5000

/**
 * Frees memory that only the start and changes of policies use, after a delay: policies are often
 * changed one after the other, and the next change needs the same data. Nothing is freed while they
 * change.
 *
 * That are the types of the kernel (8 MiB with their index) and about as much garbage, which V8
 * collects only when it needs memory. Only the BTF in /sys/kernel/btf/vmlinux is released, which
 * cannot change while the kernel runs. A collection stops a thread for about 20 ms. The flag
 * --expose-gc is set only for the moment in which the function is fetched: code caches are refused
 * in a process with other flags than those of the build.
 */
export class IdleMemory {
  readonly #free: () => void
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** @param free frees the memory now */
  constructor(free: () => void) {
    this.#free = free
  }

  /** Frees the memory five seconds after the last call. */
  later(): void {
    clearTimeout(this.#timer)
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#free(), quietMs).unref()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }
}
