import { type CommandMembership, runningCommands } from '@tetragon-ts/compiler'
import type { Collection } from '@tetragon-ts/ebpf/collection'
import type { OpenMap } from '@tetragon-ts/ebpf/open-maps'
import type { RecordValue } from '@tetragon-ts/ebpf/records'
import type { ProcessEntry } from '@tetragon-ts/sensors/records/process'
import { readExecutable } from '../../processes/procfs.ts'
import type { ProcessFiles } from '../../reader/process-files/process-files.ts'

/** The table of all processes, by pid. */
export type Processes = OpenMap<number, RecordValue<(typeof ProcessEntry)['shape']>>

/**
 * Reads the command lines of running processes for a set, whose walk then adds those that match.
 * Values that are unreadable, or readable only with a wait that the process causes, remain unknown.
 */
export class RunningCommands {
  readonly #membership: CommandMembership
  readonly #found: OpenMap<number, { start: bigint; execs: number; bits: number }>
  readonly #processes: Processes
  readonly #files: ProcessFiles
  readonly #procfs: string

  constructor(
    membership: CommandMembership,
    collection: Collection,
    processes: Processes,
    files: ProcessFiles,
    procfs: string,
  ) {
    this.#membership = membership
    this.#found = collection.map(runningCommands)
    this.#processes = processes
    this.#files = files
    this.#procfs = procfs
  }

  /** Reads those that are not known yet, or have executed another program since. */
  read(): void {
    for (const pid of [...this.#processes.keys()]) {
      const process = this.#processes.lookup(pid)
      if (!process) continue
      const { start, key } = process
      const known = this.#found.lookup(pid)
      if (known?.start === start && known.execs === key.execs) continue
      const id = { pid, start: Number(start) }
      const line = this.#files.readNow(id, 'cmdline')
      const path = this.#membership.needsPath ? readExecutable(this.#procfs, pid) : undefined
      const after = this.#processes.lookup(pid)
      // Read while the process executed another program: the next round reads it again.
      if (!line || after?.start !== start || after.key.execs !== key.execs) continue
      const bits = this.#membership.ofRunning({ commandLine: line, path })
      this.#found.update(pid, { start, execs: key.execs, bits })
    }
  }

  /** Frees the memory of what was read. */
  clear(): void {
    for (const pid of [...this.#found.keys()]) this.#found.delete(pid)
  }
}
