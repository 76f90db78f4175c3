import { Bytes, type Code, type Int } from '@tetragon-ts/ebpf/lang'
import { lruHashMap } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { countLoss } from '../kernel/loss.ts'
import { events } from '../kernel/maps.ts'
import { KernfsNode } from '../kernel/types.ts'
import { recordKind } from '../records/kinds.ts'
import { GroupRecord, groupNameMax, groupNames } from '../records/process.ts'

/** Characters of a container id: no shorter name of a group holds one. */
const idLength = 64
/** Groups above each other that are looked at without bpf_loop: the verifier walks each of them. */
const plainLevels = 64
/** With bpf_loop: deeper than any path that a system call takes. */
const callbackLevels = 2048

/** Control groups that the reader knows; the ones in use stay when it is full. */
const reportedGroups = lruHashMap('tg_groups', { key: u64, value: u64, maxEntries: 2048 })

/** A task's control group. */
export interface Group {
  /** Its id in the kernel. */
  readonly id: Int
  /** Address of its node (struct kernfs_node), as a plain number. */
  readonly node: Int
}

/**
 * Sends the names that may be a container's, of a group and of those above it, before the first
 * record of a process in the group: by the time the reader could ask, a short process is gone. Of a
 * group that was sent this costs one lookup, and none where the process's last record was about the
 * same group: the reader takes the container from there if it has forgotten the group.
 *
 * The outermost names are kept when there are more than the record holds, so nothing that a
 * container creates below its own group hides its id.
 * @param last the group of the image that this one continues, 0 if none was sent
 * @returns what to remember as that: the group's id, or 0 if it could not be sent
 */
export function reportGroup(k: Code, { id, node }: Group, last: Int | number = 0): Int {
  const reported = k.variable(id)
  k.when(id.ne(last), () => {
    const known = k.lookup(reportedGroups, id)
    k.unless(known, () => {
      const names = outermostLongNames(k, node)
      const space = k.call('ringbuf_reserve', events, GroupRecord.size, 0)
      k.when(
        space,
        () => {
          const memory = new Bytes(space.builder, space.register)
          k.assign(k.view(memory, GroupRecord), { kind: recordKind.group, cgroup: id })
          const at = GroupRecord.field('names').offset
          for (const [index, name] of names.entries()) {
            k.readKernelString(memory.at(at + index * groupNameMax), groupNameMax, name)
          }
          k.call('ringbuf_submit', space, 0)
          k.update(reportedGroups, id, 1)
        },
        () => {
          // The next process of the group tries again.
          reported.set(0)
          countLoss(k, 'group')
        },
      )
    })
  })
  return reported
}

/**
 * Addresses of names that are long enough for a container's id, the outermost group's last; or 0.
 */
function outermostLongNames(k: Code, node: Int): Int[] {
  const names = Array.from({ length: groupNames }, () => k.variable(0))
  const at = k.variable(node)
  k.loop(k.target.bpfLoop ? callbackLevels : plainLevels, (_, leave) => {
    k.when(at.eq(0), leave)
    const { name, parent } = k.snapshot(KernfsNode, at, ['name', 'parent'])
    const start = k.stackBytes(idLength + 8)
    // The count includes the terminating zero.
    k.when(k.readKernelString(start, idLength + 1, name).signedGt(idLength), () => {
      for (const [index, kept] of names.entries()) {
        kept.set(index + 1 < groupNames ? names[index + 1] : name)
      }
    })
    at.set(k.address(parent))
  })
  return names
}
