import type { Section } from '../model/index.ts'
import {
  boolean,
  type DocumentOf,
  integer,
  list,
  object,
  oneOf,
  required,
  string,
  uint32,
  uint64,
  withDefault,
} from './schema.ts'

export const actionNames = [
  'Post',
  'Sigkill',
  'Override',
  'GetUrl',
  'DnsLookup',
  'NoPost',
  'Signal',
  'TrackSock',
  'UntrackSock',
  'NotifyEnforcer',
  'CleanupEnforcerNotification',
  'Set',
  'FollowFD',
  'UnfollowFD',
  'CopyFD',
] as const
export type ActionName = (typeof actionNames)[number]

const int32Min = -(2 ** 31)
const int32Max = 2 ** 31 - 1

export const actionSchema = object(
  'Action',
  'Executed when a selector matches. Fields of other actions have no effect. This release refuses ' +
    'enforcing actions unless the mode of the policy is `monitor`.',
  {
    action: required(oneOf('The action.', actionNames)),
    argFd: uint32(
      'FollowFD, UnfollowFD, CopyFD: position of the file descriptor in the list `args`, from 0.',
    ),
    argName: uint32(
      'FollowFD: position of the file or path in the list `args`, from 0. CopyFD: position of the ' +
        'new descriptor. UnfollowFD accepts and ignores it.',
    ),
    argUrl: string('GetUrl: URL to request; the response is ignored.'),
    argFqdn: string('DnsLookup: name to look up.'),
    argError: integer(
      'Override, NotifyEnforcer: result that the function returns, such as -1 for EPERM.',
      int32Min,
      int32Max,
    ),
    argRegs: list(
      'Override of a uprobe: registers to set, such as `rax=11` or `rip=8(%rsp)`.',
      string('Assignment to a register.'),
    ),
    argNewSymbol: string('Override of a uprobe: symbol where execution continues.'),
    argNewAddr: uint64('Override of a uprobe: address where execution continues.'),
    argNewOffset: uint64('Override of a uprobe: offset in the file where execution continues.'),
    argSig: uint32('Signal, NotifyEnforcer: number of the signal.'),
    argSock: uint32('TrackSock, UntrackSock: position of the socket in the list `args`, from 0.'),
    argIndex: uint32('Set: number of the argument of the USDT probe, from 0.'),
    argValue: uint32('Set: value to write.'),
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
  },
)
export type ActionDocument = DocumentOf<typeof actionSchema>

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
