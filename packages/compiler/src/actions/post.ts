import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import type { ActionCode } from './action.ts'
import { limitRate, rateLimits } from './rate-limit.ts'

/** NoPost suppresses the event. */
const noPost: ActionCode<'NoPost'> = {
  suppresses: () => true,
  needsScratch: false,
  uses: () => [],
  emit: (_, { post }) => post.set(0),
}

/** Post is the default, unless a rate limit suppresses the event. */
const post: ActionCode<'Post'> = {
  isHasty: true,
  suppresses: ({ rateLimitNs }) => rateLimitNs > 0n,
  needsScratch: false,
  uses: ({ rateLimitNs }, { args }) =>
    rateLimitNs > 0n ? args.flatMap(({ returnCopy }, i) => (returnCopy ? [] : [i])) : [],
  maps: ({ rateLimitNs }) => (rateLimitNs > 0n ? [rateLimits as MapSpec] : []),
  emit(action, scope) {
    if (action.rateLimitNs > 0n) limitRate(action, scope)
  },
}

export const postActions = { Post: { kernel: post }, NoPost: { kernel: noPost } }
