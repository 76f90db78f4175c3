import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import type { Process } from '../../processes/process.ts'
import { HeldRecords } from './held-records.ts'
import { keyOf, RunningFamilies } from './running-families.ts'

/** An image of a process. */
export interface ImageKey {
  readonly pid: number
  readonly ktime: number
}

/** A process that started before the agent, and its parent according to the kernel. */
export interface RunningProcess {
  readonly process: Process
  readonly parent: ImageKey & Pick<Process, 'ktimeHigh' | 'ktimeLow'>
}

/** What a held record is about. */
export interface HeldRecord {
  readonly pid: number
  /** Pid of the parent that it names, if it introduces an image of its process. */
  readonly introducedBy: number | undefined
}

/** Writes events in call order. */
export interface StartOutput {
  /** Writes the event of a process that started before the agent. */
  running(process: RunningProcess): void
  /** Announces the memory of the following records. */
  input(memory: RecordMemory): void
  /** Writes the event of a held record. @returns the image that it introduces, if any */
  record(offset: number): ImageKey | undefined
}

/**
 * Orders the events of the start, so that a parent precedes its children. Forks are hooked before a
 * walk discovers the running processes, and the walk reports them in the order of pids or starts.
 * Records of hooks are therefore held back until the walk has finished.
 *
 * A running process whose parent a held record introduces is written after that record, but always
 * before the first held record of its own: a later image must not be replaced by an earlier one.
 */
export class StartOrder {
  /** By image. */
  readonly #running = new Map<string, RunningProcess>()
  readonly #held = new HeldRecords()
  readonly #subjects: HeldRecord[] = []
  /** Processes whose image is introduced by a held record. */
  readonly #introduced = new Set<number>()

  /** Whether to release the held records although the walk has not finished. */
  get isFull(): boolean {
    return this.#held.isFull
  }

  /** A process that executed another program before execs were hooked is found twice. */
  addRunning(running: RunningProcess): void {
    this.#running.set(keyOf(running.process), running)
  }

  hold(record: Uint8Array, subject: HeldRecord): void {
    this.#held.add(record)
    this.#subjects.push(subject)
    if (subject.introducedBy !== undefined) this.#introduced.add(subject.pid)
  }

  /** Writes everything, once. */
  release(output: StartOutput): void {
    const left = new RunningFamilies([...this.#running.values()], (running) =>
      output.running(running),
    )
    left.writeRoots((parent) => this.#introduced.has(parent.pid))
    const subjects = this.#subjects.values()
    this.#held.forEach(
      (memory) => {
        output.input(memory)
      },
      (offset) => {
        const { pid, introducedBy } = subjects.next().value ?? {}
        left.writePid(pid)
        left.writePid(introducedBy)
        const image = output.record(offset)
        if (image) left.writeChildren(image)
      },
    )
    left.writeRest()
  }
}
