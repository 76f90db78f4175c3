import { boolean, oneOf, string, withDefault } from '../fields/schema.ts'
import {
  type ActionContext,
  type ActionDocumentWith,
  type ActionFamily,
  forAllEvents,
  inUserSpace,
} from './action.ts'
import { parseRateLimit } from './rate-limit.ts'

const fields = {
  rateLimit: string(
    'Post: minimum time between two events with the same arguments: a number and `s`, `m` or ' +
      '`h`; seconds without a unit.',
  ),
  rateLimitScope: oneOf(
    'Post: scope of `rateLimit`: events are compared per thread, per process, or all together.',
    ['thread', 'process', 'global'],
  ),
  kernelStackTrace: withDefault(boolean('Post: include the kernel stack.'), false),
  userStackTrace: withDefault(boolean('Post: include the user space stack.'), false),
  imaHash: withDefault(
    boolean(
      'Post at an LSM hook of a file: include the IMA hash of the file. Requires Linux 5.18 and LSM ' +
        'programs; at file_open, most files have no hash yet.',
    ),
    false,
  ),
}
type Document = ActionDocumentWith<typeof fields>

/** How an event is posted. */
export interface PostValues {
  /** Minimum time between two equal events in nanoseconds; 0: no limit. */
  readonly rateLimitNs: bigint
  readonly rateLimitScope: 'thread' | 'process' | 'global'
  readonly kernelStackTrace: boolean
  readonly userStackTrace: boolean
  readonly imaHash: boolean
}

/** LSM hooks of files that IMA can hash (kernel/bpf/bpf_lsm.c, the sleepable ones). */
const imaHooks: readonly string[] = [
  'bprm_check_security',
  'bprm_committed_creds',
  'bprm_committing_creds',
  'bprm_creds_for_exec',
  'bprm_creds_from_file',
  'file_ioctl',
  'file_lock',
  'file_open',
  'file_post_open',
  'file_receive',
  'mmap_file',
]

function rateLimitOf(document: Document, { section, check: { findings } }: ActionContext): bigint {
  const { at, rateLimit, rateLimitScope } = document
  if (rateLimit === undefined) {
    if (rateLimitScope === undefined) return 0n
    findings.warning(`${at}.rateLimitScope`, 'POLICY_IGNORED', 'rateLimitScope requires rateLimit')
    return 0n
  }
  const parsed = parseRateLimit(rateLimit)
  if (parsed === undefined) {
    const message = `invalid time ${JSON.stringify(rateLimit)}: write a number and s, m or h`
    findings.error(`${at}.rateLimit`, 'POLICY_VALUE', message)
  }
  if (parsed === 0n) {
    findings.warning(`${at}.rateLimit`, 'POLICY_IGNORED', 'a time of 0 has no effect')
  }
  if (section === 'processes' && rateLimitScope !== 'global') {
    const message =
      'only the execs of one process are compared: write rateLimitScope: global for a limit of all'
    findings.warning(`${at}.rateLimit`, 'POLICY_IGNORED', message)
  }
  return parsed ?? 0n
}

type StackField = 'kernelStackTrace' | 'userStackTrace'

/** Whether a field requests a stack; warns if the hook does not have that stack. */
function wantsStack(document: Document, field: StackField, context: ActionContext): boolean {
  if (!document[field]) return false
  const { section, when, check } = context
  const message =
    section === 'processes'
      ? 'events of execs and exits have no stack'
      : when !== 'entry'
        ? "stacks are taken at the function's entry: move this to matchActions"
        : field === 'kernelStackTrace' && inUserSpace.some((each) => each === section)
          ? 'a process that runs its own code has no stack in the kernel'
          : undefined
  if (message === undefined) return true
  check.findings.warning(`${document.at}.${field}`, 'POLICY_IGNORED', message)
  return false
}

export const postActions = {
  Post: {
    effect: 'observe',
    sections: forAllEvents,
    fields,
    withEvent: true,
    crdPosition: 1,
    doc: 'Posts the event. This is the default without actions.',
    check(document: Document, context: ActionContext): PostValues {
      const { at, rateLimitScope = 'thread', imaHash } = document
      const rateLimitNs = rateLimitOf(document, context)
      if (imaHash && !(context.section === 'lsmhooks' && imaHooks.includes(context.call))) {
        const message = 'imaHash is for LSM hooks of files'
        const details = { allowed: imaHooks }
        context.check.findings.error(`${at}.imaHash`, 'POLICY_ACTION', message, details)
      }
      return {
        rateLimitNs,
        rateLimitScope,
        kernelStackTrace: wantsStack(document, 'kernelStackTrace', context),
        userStackTrace: wantsStack(document, 'userStackTrace', context),
        imaHash,
      }
    },
  },
  NoPost: {
    effect: 'observe',
    sections: forAllEvents,
    fields: {},
    crdPosition: 6,
    doc: 'Suppresses the event.',
    check: (): object => ({}),
  },
} satisfies ActionFamily
