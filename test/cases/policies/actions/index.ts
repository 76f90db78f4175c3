import type { PolicyCase } from '../policy-case.ts'
import { monitoredCases } from './effects.ts'
import { followFdCases } from './follow-fd.ts'
import { imaHashCases } from './ima-hash.ts'
import { noPostCases } from './no-post.ts'
import { rateLimitCases } from './rate-limit.ts'
import { returnActionCases } from './returns.ts'
import { socketActionCases } from './sockets.ts'
import { stackCases } from './stacks.ts'
import { userSpaceCases } from './user-space.ts'

/** A file for each action. */
export const actionCases: readonly PolicyCase[] = [
  ...followFdCases,
  ...noPostCases,
  ...rateLimitCases,
  ...socketActionCases,
  ...monitoredCases,
  ...returnActionCases,
  ...stackCases,
  ...imaHashCases,
  ...userSpaceCases,
]
