import { type RecordMemory, reader } from '@tetragon-ts/ebpf/records'
import { GroupEndRecord, GroupRecord, groupNameMax } from '@tetragon-ts/sensors'
import type { EventContext } from '../event-context.ts'

const namesAt = GroupRecord.field('names').offset
const folderAt = GroupRecord.field('folder').offset

/** Records of control groups identify the containers of processes. They are never held back. */
export class ControlGroups {
  readonly #context: EventContext
  readonly #memory: RecordMemory
  readonly #group
  readonly #end

  constructor(context: EventContext, memory: RecordMemory) {
    this.#context = context
    this.#memory = memory
    this.#group = reader(GroupRecord, memory)
    this.#end = reader(GroupEndRecord, memory)
  }

  /** A control group of processes in later records. */
  group(offset: number): void {
    this.#group.at(offset)
    const from = offset + namesAt
    const names: string[] = []
    for (let at = from; at < from + GroupRecord.shape.names.size; at += groupNameMax) {
      names.push(this.#zeroEnded(at, at + groupNameMax))
    }
    const { containers, policySets } = this.#context
    const { cgroup, pid, owner } = this.#group
    const folder = this.#zeroEnded(offset + folderAt, offset + GroupRecord.size)
    const ids = containers.add(cgroup, { names, folder, owner })
    // Users can give their groups the ids of others' containers.
    if (owner !== 0) return
    // Also if the first record of the container's group was lost.
    if (pid !== 0 || ids.length > 0) policySets?.entered(cgroup, ids, pid)
  }

  /** A control group was removed. */
  end(offset: number): void {
    this.#end.at(offset)
    this.#context.policySets?.ended(this.#end.cgroup)
  }

  #zeroEnded(from: number, to: number): string {
    const { bytes } = this.#memory
    const end = bytes.indexOf(0, from)
    return Buffer.from(bytes.subarray(from, end < 0 || end > to ? to : end)).toString('latin1')
  }
}
