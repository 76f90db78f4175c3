import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { Action, ActionName, Policy } from '@tetragon-ts/policy'
import type { ActionCode, ActionModule } from './action.ts'
import { followFd, unfollowFd } from './follow-fd.ts'
import { noPost, post } from './post.ts'
import { dnsLookup, getUrl, type UserRequest } from './requests.ts'
import { sockOwners, trackSock, tracksSocks } from './track-sock.ts'

/** Refused, or only counted: see findUnsupported of the package policy. */
const notYet: ActionModule = {}

/** All actions: one that the language has and that is missing here does not compile. */
const actions: { readonly [N in ActionName]: ActionModule<N> } = {
  Post: { kernel: post },
  NoPost: { kernel: noPost },
  FollowFD: { kernel: followFd },
  CopyFD: { kernel: followFd },
  UnfollowFD: { kernel: unfollowFd },
  TrackSock: { kernel: trackSock },
  UntrackSock: { kernel: trackSock },
  GetUrl: getUrl,
  DnsLookup: dnsLookup,
  Sigkill: notYet,
  Signal: notYet,
  Override: notYet,
  NotifyEnforcer: notYet,
  CleanupEnforcerNotification: notYet,
  Set: notYet,
}

/** The code of an action; undefined where nothing happens in the kernel. */
export function actionCode<N extends ActionName>(action: Action<N>): ActionCode<N> | undefined {
  return actions[action.action].kernel
}

/** What actions ask of user space when the event is posted. */
export function userRequests(taken: readonly Action[]): readonly UserRequest[] {
  return taken.flatMap((action) => moduleOf(action).request?.(action) ?? [])
}

/** Whether an action does anything. Events report only such, and Post for all others. */
export function takesEffect(action: Action): boolean {
  const { kernel, request } = moduleOf(action)
  return kernel !== undefined || request !== undefined
}

/** Maps that the actions of a policy share with those of others. */
export function mapsOfActions(policy: Policy): readonly MapSpec[] {
  const all = policy.hooks.flatMap(({ selectors }) =>
    selectors.flatMap((selector) => [...selector.actions, ...selector.returnActions]),
  )
  const maps = all.flatMap((action) => actionCode(action)?.maps?.(action) ?? [])
  return [...new Set(tracksSocks(policy) ? [...maps, sockOwners as MapSpec] : maps)]
}

function moduleOf<N extends ActionName>(action: Action<N>): ActionModule<N> {
  return actions[action.action]
}
