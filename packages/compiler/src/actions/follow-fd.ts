import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Policy } from '@tetragon-ts/policy'
import {
  followedFiles,
  followedFilesMap,
  longFollowedFilesMap,
} from '../arguments/followed-files.ts'
import { type ActionCode, integerArgument } from './action.ts'

const maps = (): readonly MapSpec[] => [
  followedFilesMap as MapSpec,
  longFollowedFilesMap as MapSpec,
]

/** Whether a policy has a FollowFD action. */
export function followsFiles({ hooks }: Policy): boolean {
  return hooks.some(({ selectors }) =>
    selectors.some(({ actions }) => actions.some(({ action }) => action === 'FollowFD')),
  )
}

/** FollowFD, CopyFD: store the path of a descriptor for this policy. */
const followFd: ActionCode<'FollowFD' | 'CopyFD'> = {
  idles: true,
  remembers: true,
  atEntryOnly: true,
  suppresses: () => false,
  needsScratch: true,
  maps,
  uses: ({ fd, name }) => [fd, name],
  emit({ action, fd, name }, scope) {
    const { hit, context } = scope
    const descriptor = integerArgument(scope, fd)
    if (action === 'CopyFD') {
      const copy = integerArgument(scope, name)
      return followedFiles.copy(hit, descriptor, copy, context, () => scope.setIdle(-1))
    }
    const { value, text } = scope.argument(name)
    if (text)
      followedFiles.follow(hit, descriptor, text, value.mode?.() ?? context.k.constant(0), context)
  },
}

/** UnfollowFD: removes the descriptor. */
const unfollowFd: ActionCode<'UnfollowFD'> = {
  idles: true,
  atEntryOnly: true,
  suppresses: () => false,
  needsScratch: false,
  maps,
  uses: ({ fd }) => [fd],
  emit({ fd }, scope) {
    scope.setIdle(followedFiles.unfollow(scope.hit, integerArgument(scope, fd), scope.context))
  },
}

export const followFdActions = {
  FollowFD: { kernel: followFd },
  CopyFD: { kernel: followFd },
  UnfollowFD: { kernel: unfollowFd },
}
