import type { Fd, PinFolder } from '../sys/index.ts'

/** What a link needs of a program. */
export interface Attachable {
  readonly fd: Fd
}

/**
 * A program at its hook. All links hang on a descriptor, so the kernel detaches them when the
 * process ends, however it ends.
 */
export interface Link extends Disposable {
  /** How it is attached, e.g. `raw_tracepoint`. */
  readonly kind: string
  /** Where, e.g. `sys_enter`. */
  readonly target: string
  /**
   * Detaches; further calls do nothing. The kernel may wait until no CPU runs the program any more:
   * about 0.1 s for each kprobe or uprobe from 6.13 on.
   */
  close(): void
  /** Detaches without blocking this thread; resolves when the program does not run any more. */
  detach(): Promise<void>
  /**
   * Pins the link: the program stays attached after this process ends. Closing the link removes the
   * pin; the kernel may detach a moment later. Absent if another program runs this one.
   * @throws SystemCallError if the kernel cannot keep such a link
   */
  pin?(folder: PinFolder): void
}

/** How a program is attached. */
export interface AttachOptions {
  /** So that the link can be pinned, where the kernel can do that. */
  readonly pinnable?: boolean
}

/** A link that is one descriptor. */
export class FdLink implements Link {
  readonly kind: string
  readonly target: string
  readonly fd: Fd
  #unpin: (() => void) | undefined

  constructor(kind: string, target: string, fd: Fd) {
    this.kind = kind
    this.target = target
    this.fd = fd
  }

  pin(folder: PinFolder): void {
    this.#unpin = folder.add(this.fd, `${this.kind} ${this.target}`)
  }

  close(): void {
    try {
      this.#removePin()
    } finally {
      this.fd.close()
    }
  }

  async detach(): Promise<void> {
    try {
      this.#removePin()
    } finally {
      await this.fd.closeInBackground()
    }
  }

  #removePin(): void {
    this.#unpin?.()
    this.#unpin = undefined
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
