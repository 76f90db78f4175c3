import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Action, Policy } from '@tetragon-ts/policy'
import type { ActionCode } from './action.ts'
import { followFd, unfollowFd } from './follow-fd.ts'
import { noPost, post } from './post.ts'
import { userRequest } from './requests.ts'
import { sockOwners, trackSock, tracksSocks } from './track-sock.ts'

/** All actions with code in the kernel: an entry here is all that a new one needs. */
const actions = [post, noPost, followFd, unfollowFd, trackSock] as unknown as readonly ActionCode[]

const byName = new Map(actions.flatMap((code) => code.names.map((name) => [name, code] as const)))

/** The code of an action; undefined where nothing happens in the kernel. */
export function actionCode(name: Action['action']): ActionCode | undefined {
  return byName.get(name)
}

/** Whether an action waits until it is decided that its selector matches. */
export function waitsForDecision({ action }: Action): boolean {
  return action !== 'Post'
}

/** Whether an action does anything. Events report only such, and Post for all others. */
export function takesEffect(action: Action): boolean {
  return byName.has(action.action) || userRequest(action).length > 0
}

/** Maps that the actions of a policy share with those of others. */
export function mapsOfActions(policy: Policy): readonly MapSpec[] {
  const all = policy.hooks.flatMap(({ selectors }) =>
    selectors.flatMap((selector) => [...selector.actions, ...selector.returnActions]),
  )
  const maps = all.flatMap((action) => actionCode(action.action)?.maps?.(action as never) ?? [])
  return [...new Set(tracksSocks(policy) ? [...maps, sockOwners as MapSpec] : maps)]
}
