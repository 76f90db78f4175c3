import { Bytes, type Code, type Int } from '@tetragon-ts/ebpf/lang'
import { lruHashMap } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { countLoss } from '../kernel/loss.ts'
import { events } from '../kernel/maps.ts'
import { KernfsNode } from '../kernel/types.ts'
import { recordKind } from '../records/kinds.ts'
import { GroupRecord, groupNameMax, groupNames } from '../records/process.ts'

/** Length of a container id: shorter group names contain none. */
const idLength = 64
/** Maximum number of nested groups without bpf_loop: the verifier walks each of them. */
const plainLevels = 64
/** With bpf_loop: deeper than any path of a system call. */
const callbackLevels = 2048

/** Control groups that the reader knows; recently used ones stay when it is full. */
const reportedGroups = lruHashMap('tg_groups', { key: u64, value: u64, maxEntries: 2048 })

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
 *
 * The outermost names are kept if there are more than fit, so groups that a container creates below
 * its own cannot hide its id.
 * @param last the group of the previous image, 0 if none was sent
 * @returns the value to store for that: the group's id, or 0 if it could not be sent
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

/** Addresses of names that are long enough for a container id, outermost last; or 0. */
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
