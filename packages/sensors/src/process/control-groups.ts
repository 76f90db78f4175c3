import { Bytes, type Code, type Int, type IntLike } from '@tetragon-ts/ebpf/lang'
import { eachLevel } from '../kernel/group-levels.ts'
import { countLoss } from '../kernel/loss.ts'
import { events } from '../kernel/maps.ts'
import { KernfsIattrs, KernfsNode } from '../kernel/types.ts'
import { reportedGroups } from '../kernel/workload-table.ts'
import { folderNameMax, GroupRecord, groupNameMax, groupNames } from '../records/control-groups.ts'
import { recordKind } from '../records/kinds.ts'

/** Length of a container id: shorter group names contain none. */
const idLength = 64
/** A task's control group. */
export interface Group {
  /** Its id in the kernel. */
  readonly id: Int
  /** Address of its node (struct kernfs_node), as a plain number. */
  readonly node: Int
}

/**
 * Sends the names of a group and its parents that may contain a container id, before the first
 * record of a process in the group: later the group of a short process may be gone. For a known
 * group this costs one lookup, and none if the process's last record had the same group: if the
 * reader has evicted the group, it takes the container from that record.
 * @param last the group of the previous image, 0 if none was sent
 * @returns the value to store for that: the group's id, or 0 if it could not be sent
 */
export function reportGroup(k: Code, { id, node }: Group, last: Int | number = 0): Int {
  const reported = k.variable(id)
  k.when(id.ne(last), () => {
    const known = k.lookup(reportedGroups, id)
    k.unless(known, () => {
      // If it does not fit, the next process of the group tries again.
      sendGroup(k, id, 0, namedGroups(k, node), () => reported.set(0))
    })
  })
  return reported
}

/**
 * Sends a group's record.
 * @param pid see the record
 * @param named see {@link namedGroups}
 * @param full runs if the ring is full; the loss is counted
 */
export function sendGroup(
  k: Code,
  id: Int,
  pid: IntLike,
  named: readonly Int[],
  full: () => void = () => {},
): void {
  const owner = ownerOf(k, named[groupNames - 1])
  const space = k.call('ringbuf_reserve', events, GroupRecord.size, 0)
  k.when(
    space,
    () => {
      const memory = new Bytes(space.builder, space.register)
      k.assign(k.view(memory, GroupRecord), { kind: recordKind.group, pid, cgroup: id, owner })
      const at = GroupRecord.field('names').offset
      for (const [index, node] of named.entries()) {
        const { name } = k.cast(KernfsNode, node)
        k.readKernelString(memory.at(at + index * groupNameMax), groupNameMax, name)
      }
      const { parent } = k.cast(KernfsNode, named[groupNames - 1])
      const folder = memory.at(GroupRecord.field('folder').offset)
      k.readKernelString(folder, folderNameMax, parent.name)
      k.call('ringbuf_submit', space, 0)
      k.update(reportedGroups, id, 1)
    },
    () => {
      full()
      countLoss(k, 'group')
    },
  )
}

/** The user who may have created a group: the owner of its folder. @param node of the group */
export function ownerOf(k: Code, node: Int): Int {
  // One variable for all steps: the stack is nearly full.
  const owner = k.variable(k.address(k.cast(KernfsNode, node).parent))
  k.when(owner.ne(0), () => {
    owner.set(k.address(k.cast(KernfsNode, owner).iattr))
    k.when(owner.ne(0), () => owner.set(k.cast(KernfsIattrs, owner).ia_uid.val))
  })
  return owner
}

/**
 * Addresses of the nodes of a group and its parents whose names are long enough for a container id,
 * outermost last; or 0. The outermost ones are kept if there are more than fit, so groups that a
 * container creates below its own cannot hide its id.
 */
export function namedGroups(k: Code, node: Int): readonly Int[] {
  const named = Array.from({ length: groupNames }, () => k.variable(0))
  eachLevel(k, node, ({ at, name }) => {
    const start = k.stackBytes(idLength + 8)
    // The count includes the terminating zero.
    k.when(k.readKernelString(start, idLength + 1, name).signedGt(idLength), () => {
      for (const [index, kept] of named.entries()) {
        kept.set(index + 1 < groupNames ? named[index + 1] : at)
      }
    })
  })
  return named
}
