import { type RecordMemory, reader } from '@tetragon-ts/ebpf/records'
import { GroupRecord, groupNameMax } from '@tetragon-ts/sensors'
import type { EventContext } from '../event-context.ts'

const namesAt = GroupRecord.field('names').offset

/** Records of control groups identify the containers of processes. They are never held back. */
export class ControlGroups {
  readonly #context: EventContext
  readonly #memory: RecordMemory
  readonly #group

  constructor(context: EventContext, memory: RecordMemory) {
    this.#context = context
    this.#memory = memory
    this.#group = reader(GroupRecord, memory)
  }

  /** A control group of processes in later records. */
  group(offset: number): void {
    this.#group.at(offset)
    const from = offset + namesAt
    const names: string[] = []
    for (let at = from; at < from + GroupRecord.shape.names.size; at += groupNameMax) {
      names.push(this.#zeroEnded(at, at + groupNameMax))
    }
    this.#context.containers.add(this.#group.cgroup, names)
  }

  #zeroEnded(from: number, to: number): string {
    const { bytes } = this.#memory
    const end = bytes.indexOf(0, from)
    return Buffer.from(bytes.subarray(from, end < 0 || end > to ? to : end)).toString('latin1')
  }
}
