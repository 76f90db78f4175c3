import type { RecordMemory } from '@tetragon-ts/ebpf/records'
import type { Process } from '../../processes/process.ts'
import { HeldRecords } from './held-records.ts'

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
 * Orders the events of the start, so that a parent precedes its children. The hooks are attached
 * before a walk discovers the running processes, and the walk reports them in the order of pids or
 * starts. Records of hooks are therefore held back until the walk has finished.
 */
export class StartOrder {
  readonly #running: RunningProcess[] = []
  readonly #held = new HeldRecords()
  /** Processes whose image is introduced by a held record. */
  readonly #introduced = new Set<number>()

  /** Whether to release the held records although the walk has not finished. */
  get isFull(): boolean {
    return this.#held.isFull
  }

  addRunning(running: RunningProcess): void {
    this.#running.push(running)
  }

  /** @param introduced pid of the process whose image the record introduces, if any */
  hold(record: Uint8Array, introduced: number | undefined): void {
    this.#held.add(record)
    if (introduced !== undefined) this.#introduced.add(introduced)
  }

  /** Writes everything, once. */
  release(output: StartOutput): void {
    const families = new Map<string, RunningProcess[]>()
    for (const running of this.#running) {
      const key = keyOf(running.parent)
      const siblings = families.get(key)
      if (siblings) siblings.push(running)
      else families.set(key, [running])
    }
    const writeChildren = (parent: ImageKey): void => {
      const stack = [parent]
      for (let next = stack.pop(); next; next = stack.pop()) {
        const children = families.get(keyOf(next)) ?? []
        families.delete(keyOf(next))
        for (const child of children) {
          output.running(child)
          stack.push(child.process)
        }
      }
    }
    const running = new Set(this.#running.map(({ process }) => keyOf(process)))
    const parents = [...families.values()].map(([{ parent }]) => parent)
    for (const parent of parents) {
      if (!running.has(keyOf(parent)) && !this.#introduced.has(parent.pid)) writeChildren(parent)
    }
    this.#held.forEach(
      (memory) => {
        output.input(memory)
      },
      (offset) => {
        const image = output.record(offset)
        if (image) writeChildren(image)
      },
    )
    for (const parent of parents) if (!running.has(keyOf(parent))) writeChildren(parent)
  }
}

/** Starts below 2^53 ns, 104 days, are exact; later ones still differ by more than the error. */
function keyOf({ pid, ktime }: ImageKey): string {
  return `${pid} ${ktime}`
}
