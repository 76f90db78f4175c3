import type { Section } from '../model/index.ts'
import type { ActionDocument, ActionName } from '../schema/action.ts'

type ActionField = Exclude<keyof ActionDocument, 'at' | 'action'>

/**
 * What an action does: `observe` leaves the process alone. An `enforce` action changes what
 * happens, and does nothing in the mode `monitor`. `enforce-later`: this release cannot carry it
 * out, so a policy that has it loads in the mode `monitor` only (see unsupported.ts).
 */
export type ActionEffect = 'observe' | 'enforce' | 'enforce-later'

/** Where an action is possible and which fields it has. */
export interface ActionFacts {
  readonly effect: ActionEffect
  readonly sections: readonly Section[]
  readonly fields: readonly ActionField[]
  /** For people. */
  readonly doc: string
}

const everywhere: readonly Section[] = [
  'kprobes',
  'fentries',
  'tracepoints',
  'lsmhooks',
  'uprobes',
  'usdts',
]
const kernel: readonly Section[] = ['kprobes', 'fentries', 'tracepoints']
const functions: readonly Section[] = ['kprobes', 'fentries']
const notLsm = everywhere.filter((section) => section !== 'lsmhooks')

export const actionFacts: Readonly<Record<ActionName, ActionFacts>> = {
  Post: {
    effect: 'observe',
    sections: everywhere,
    fields: ['rateLimit', 'rateLimitScope', 'kernelStackTrace', 'userStackTrace', 'imaHash'],
    doc: 'Posts the event. This is the default without actions.',
  },
  NoPost: {
    effect: 'observe',
    sections: everywhere,
    fields: [],
    doc: 'Suppresses the event.',
  },
  Sigkill: {
    effect: 'enforce-later',
    sections: everywhere,
    fields: [],
    doc: 'Kills the process.',
  },
  Signal: {
    effect: 'enforce-later',
    sections: everywhere,
    fields: ['argSig'],
    doc: 'Sends a signal to the process.',
  },
  Override: {
    effect: 'enforce-later',
    sections: ['kprobes', 'lsmhooks', 'uprobes'],
    fields: ['argError', 'argRegs', 'argNewSymbol', 'argNewAddr', 'argNewOffset'],
    doc: 'Returns a value instead of running the function.',
  },
  GetUrl: {
    effect: 'observe',
    sections: kernel,
    fields: ['argUrl'],
    doc: 'Requests a URL.',
  },
  DnsLookup: {
    effect: 'observe',
    sections: kernel,
    fields: ['argFqdn'],
    doc: 'Looks up a name.',
  },
  TrackSock: {
    effect: 'observe',
    sections: functions,
    fields: ['argSock'],
    doc: 'Makes the process the owner of a socket.',
  },
  UntrackSock: {
    effect: 'observe',
    sections: functions,
    fields: ['argSock'],
    doc: 'Removes the owner of a socket.',
  },
  NotifyEnforcer: {
    effect: 'enforce-later',
    sections: notLsm,
    fields: ['argError', 'argSig'],
    doc: 'Stops the current system call of the process through `spec.enforcers`.',
  },
  CleanupEnforcerNotification: {
    effect: 'enforce-later',
    sections: notLsm,
    fields: [],
    doc: 'Cancels NotifyEnforcer.',
  },
  Set: {
    effect: 'enforce-later',
    sections: ['usdts'],
    fields: ['argIndex', 'argValue'],
    doc: 'Writes a 4-byte value to an argument of the probe.',
  },
  FollowFD: {
    effect: 'observe',
    sections: functions,
    fields: ['argFd', 'argName'],
    doc:
      'Follows a file descriptor: stores its path. In a policy with this action, hooks with an `fd` ' +
      'argument match followed descriptors only.',
  },
  UnfollowFD: {
    effect: 'observe',
    sections: functions,
    fields: ['argFd', 'argName'],
    doc: 'Stops following a file descriptor.',
  },
  CopyFD: {
    effect: 'observe',
    sections: functions,
    fields: ['argFd', 'argName'],
    doc: 'Also follows a duplicate of the file descriptor.',
  },
}

/** LSM hooks of files that IMA can hash (kernel/bpf/bpf_lsm.c, the sleepable ones). */
export const imaHooks: readonly string[] = [
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
