import { isOfHost } from '../../processes/is-of-host.ts'

/**
 * A part for processes of the host, and another one for those of containers. Files that processes
 * of a container have mapped or mounted then hold up only the thread that answers for containers. A
 * process in a user namespace counts as one of a container: only there can users mount an overlay
 * over a file system that does not respond.
 */
export class ByOrigin<T> {
  readonly host: T
  readonly container: T
  readonly all: readonly [T, T]
  readonly #procfs: string

  constructor(procfs: string, make: () => T) {
    this.#procfs = procfs
    this.host = make()
    this.container = make()
    this.all = [this.host, this.container]
  }

  /** The part for a process. Of one that has ended, only files of the host can be read. */
  of(pid: number): T {
    return isOfHost(this.#procfs, pid) === false ? this.container : this.host
  }
}
