import type { BinaryMatch } from '@tetragon-ts/policy'
import { walkPath } from '@tetragon-ts/sensors/kernel/path-walk'
import { FsStruct } from '@tetragon-ts/sensors/kernel/types'
import { plainTask } from '../hook/hit.ts'
import type { Membership } from '../hook/membership.ts'
import { matchesText } from '../operators/text.ts'

const pathMax = 4096
/** Twice the maximum path length, as the walk needs it, and the overlap of a copy. */
const bufferSize = 2 * pathMax + 512

const comparisons = { equal: 'equal-string', prefix: 'prefix', postfix: 'postfix' } as const

/**
 * The processes whose executable has one of these paths, as the process sees it; for a script, its
 * interpreter. With `followChildren` also their descendants; with `resolveLinks` also those whose
 * executable one of the paths leads to.
 */
export function executables({
  how,
  values,
  followChildren,
  targets = [],
}: Omit<BinaryMatch, 'path' | 'resolveLinks'>): Membership {
  const resolved = targets.flatMap(({ target }) => target ?? [])
  const paths = [...new Set([...values, ...resolved])].sort()
  const strings = paths.map((path) => new TextEncoder().encode(path))
  return {
    key: `executables ${how} ${followChildren} ${JSON.stringify(paths)}`,
    decidedAt: 'exec',
    inherited: followChildren,
    needsScratch: true,
    isMember(member, context) {
      const { k } = context
      const task = plainTask(k, member)
      const buffer = context.scratch(bufferSize)
      const { dentry, mnt } = task.mm.exe_file.f_path
      const place = { dentry: k.address(dentry), mount: k.address(mnt) }
      const { root } = k.snapshot(FsStruct, task.fs, ['root'])
      const from = { dentry: k.address(root.dentry), mount: k.address(root.mnt) }
      // A kernel thread has no executable.
      return place.dentry.ne(0).and(() => {
        const { start, length } = walkPath(k, place, from, buffer)
        const bytes = buffer.at(start.and(pathMax - 1))
        return matchesText(context, { bytes, length, max: pathMax }, comparisons[how], strings)
      })
    },
  }
}
