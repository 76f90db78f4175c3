/** First number of our fields in messages of the original, which uses 1 to 1999 and from 40000. */
export const firstExtensionNumber = 2000
const lastExtensionNumber = 39_999

/** A field that we add to a message of the original. Its clients skip unknown fields. */
export interface ExtensionField {
  readonly number: number
  /** Its purpose, in a few words. */
  readonly meaning: string
}

// Fields that several messages have, each with the same number in all.
const enforced = { number: 2000, meaning: 'what enforcing actions did, or would have done' }
const cutAncestors = { number: 2003, meaning: 'whether more distant ancestors are omitted' }
const kernelStack = { number: 2001, meaning: 'the stack in the kernel' }
const userStack = { number: 2002, meaning: 'the stack in user space' }
const hookData = { number: 2004, meaning: 'items of `data` of the hook' }

/**
 * All fields that we add to messages of the package `tetragon`, by message and field. They are
 * declared with {@link extensionNumber}; numbers are never reused.
 */
export const extensionFields = {
  'AddTracingPolicyRequest.replace': {
    number: 2000,
    meaning: 'the policy replaces one of the same id',
  },
  'ListTracingPoliciesRequest.rules': {
    number: 2000,
    meaning: 'also policies that detection rules need, which only rules change',
  },
  'Filter.finding_level': {
    number: 2000,
    meaning: 'only events with a finding of this level or above',
  },
  'GetEventsRequest.receiver': {
    number: 2000,
    meaning: 'the process that receives the events, to leave out those that it causes',
  },
  'GetEventsRequest.since': {
    number: 2001,
    meaning: 'first the kept events from this time on, in order',
  },
  'GetEventsRequest.past_only': { number: 2002, meaning: 'the stream ends after these' },
  'GetEventsResponse.kept_since': {
    number: 2001,
    meaning: 'in a message of its own, before the events of the past: since when they are kept',
  },
  'GetEventsResponse.findings': { number: 2000, meaning: 'detection rules that match the event' },
  'Process.container': {
    number: 2000,
    meaning: 'the container of a process outside of pods, if its runtime has its name',
  },
  'Process.executable': {
    number: 2001,
    meaning:
      'path of the executed file, if `binary` is another path of it; of a script, the interpreter',
  },
  'Process.argv': {
    number: 2002,
    meaning: 'arguments as a list, the name of the program first; in `process_exec` only',
  },
  'Process.argv_truncated': { number: 2003, meaning: 'whether `argv` lacks further arguments' },
  'Process.environment_names': {
    number: 2004,
    meaning: 'names of environment variables that change what programs do; in `process_exec` only',
  },
  'Process.environment_names_truncated': {
    number: 2005,
    meaning: 'whether part of the environment was not looked at',
  },
  'Process.upper_layer': {
    number: 2006,
    meaning: 'whether the executable is in the writable layer of an overlay, not in the image',
  },
  'Process.session_id': { number: 2007, meaning: 'pid of the leader of the session, of the host' },
  'Process.session_leader_exec_id': { number: 2008, meaning: 'the leader, if it is still running' },
  'Process.tty': { number: 2009, meaning: 'controlling terminal, as in the audit log: `pts0`' },
  'ProcessKprobe.enforcement': enforced,
  'ProcessTracepoint.enforcement': enforced,
  'ProcessTracepoint.data': hookData,
  'ProcessLsm.data': hookData,
  'ProcessLsm.enforcement': enforced,
  'ProcessUprobe.enforcement': enforced,
  'ProcessUsdt.enforcement': enforced,
  'ProcessExec.ancestors_truncated': cutAncestors,
  'ProcessExit.ancestors_truncated': cutAncestors,
  'ProcessKprobe.ancestors_truncated': cutAncestors,
  'ProcessTracepoint.ancestors_truncated': cutAncestors,
  'ProcessLoader.ancestors_truncated': cutAncestors,
  'ProcessLsm.ancestors_truncated': cutAncestors,
  'ProcessUprobe.ancestors_truncated': cutAncestors,
  'ProcessUsdt.ancestors_truncated': cutAncestors,
  'ProcessTracepoint.kernel_stack_trace': kernelStack,
  'ProcessTracepoint.user_stack_trace': userStack,
  'ProcessLsm.kernel_stack_trace': kernelStack,
  'ProcessLsm.user_stack_trace': userStack,
  'ProcessUprobe.user_stack_trace': userStack,
  'ProcessUsdt.user_stack_trace': userStack,
  'StackTraceEntry.symbol_offset': {
    number: 2000,
    meaning: 'offset of a user frame from the start of its symbol',
  },
  'TracingPolicyStats.missed_notifications': {
    number: 2000,
    meaning: 'notifications of enforcers without effect',
  },
  'TracingPolicyStats.limit_reached_count': {
    number: 2001,
    meaning: 'how often the policy has reached its process-limit',
  },
  'TracingPolicyStatus.loading': {
    number: 2000,
    meaning: 'how far the load of the policy is, while it is being loaded',
  },
  'KprobeArgument.int32_list_arg': { number: 2001, meaning: 'an array of numbers' },
  'KprobeArgument.addrinfo_arg': { number: 2000, meaning: 'the addresses that getaddrinfo found' },
  'KprobeSock.destination_names': {
    number: 2000,
    meaning: 'names by which the process looked up the destination, latest first',
  },
  'KprobeSockaddr.names': {
    number: 2000,
    meaning: 'names by which the process looked up the address, latest first',
  },
  'Container.labels': { number: 2000, meaning: 'labels of a container outside of pods' },
} as const satisfies Readonly<Record<`${string}.${string}`, ExtensionField>>

/** The number of a field of ours, for its declaration. */
export function extensionNumber(field: keyof typeof extensionFields): number {
  return extensionFields[field].number
}

/** Whether a number is in the range that the original leaves to others. */
export function isExtensionNumber(number: number): boolean {
  return number >= firstExtensionNumber && number <= lastExtensionNumber
}
