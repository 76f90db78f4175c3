import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bpf } from './bpf.ts'
import { bpfCommand } from './bpf-command.ts'
import type { Fd } from './fd.ts'

/** Keeps kernel objects by pins in a folder of a bpf file system when this process ends. */
export class PinFolder {
  #path: string
  /** Called for programs that end with this process. */
  onUnpinned: ((what: string, reason: string) => void) | undefined
  #count = 0
  #areKept = false

  /** @param path an empty folder that only root can write to */
  constructor(path: string) {
    this.#path = path
  }

  /**
   * Pins a program, map or link.
   * @returns removes the pin, unless all are kept, or it is gone already
   * @throws SystemCallError for other objects
   */
  add({ number }: Fd, what: string): () => void {
    // The file system forbids dots: bpf_lookup in kernel/bpf/inode.c.
    const name = what.replaceAll(/[^\w-]+/g, '_').slice(0, 100)
    const pin = `${this.#count++}-${name}`
    const path = join(this.#path, pin)
    bpf(bpfCommand.objPin, (attr) => attr.u32(8, number).string(0, path), `pin ${what}`)
    return () => {
      if (!this.#areKept) rmSync(join(this.#path, pin), { force: true })
    }
  }

  /** Renames the folder. @throws Error of the file system */
  rename(path: string): void {
    renameSync(this.#path, path)
    this.#path = path
  }

  /** Pins stay from now on when their objects are closed. */
  keepPins(): void {
    this.#areKept = true
  }
}
