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
  'What is done when a selector matches. Fields that belong to another action have no effect. Actions ' +
    'that enforce are refused by this release, unless the policy is in the mode `monitor`.',
  {
    action: required(oneOf('What is done.', actionNames)),
    argFd: uint32(
      'FollowFD, UnfollowFD, CopyFD: position of the file descriptor in the list `args`, from 0.',
    ),
    argName: uint32(
      'FollowFD: position of the file or path in the list `args`, from 0. CopyFD: position of the ' +
        'new descriptor. UnfollowFD takes it and does not need it.',
    ),
    argUrl: string('GetUrl: address that is requested; the answer is not looked at.'),
    argFqdn: string('DnsLookup: name that is looked up.'),
    argError: integer(
      'Override, NotifyEnforcer: result that the function returns, such as -1 for EPERM.',
      int32Min,
      int32Max,
    ),
    argRegs: list(
      'Override of a uprobe: registers to set, such as `rax=11` or `rip=8(%rsp)`.',
      string('Assignment to a register.'),
    ),
    argNewSymbol: string('Override of a uprobe: symbol where execution goes on.'),
    argNewAddr: uint64('Override of a uprobe: address where execution goes on.'),
    argNewOffset: uint64('Override of a uprobe: offset in the file where execution goes on.'),
    argSig: uint32('Signal, NotifyEnforcer: number of the signal.'),
    argSock: uint32('TrackSock, UntrackSock: place of the socket in the list `args`, from 0.'),
    argIndex: uint32('Set: number of the argument of the USDT probe, from 0.'),
    argValue: uint32('Set: value to write.'),
    rateLimit: string(
      'Post: shortest time between two events with the same arguments: a number and `s`, `m` or ' +
        '`h`; seconds without a unit.',
    ),
    rateLimitScope: oneOf('Post: which events count together for `rateLimit`.', [
      'thread',
      'process',
      'global',
    ]),
    kernelStackTrace: withDefault(boolean('Post: with the stack of the kernel.'), false),
    userStackTrace: withDefault(boolean('Post: with the stack of the program.'), false),
    imaHash: withDefault(
      boolean(
        'Post at an LSM hook of a file: with the hash that IMA has of it. Kernel 5.18, LSM programs; ' +
          'file_open comes too early for most files.',
      ),
      false,
    ),
  },
)
export type ActionDocument = DocumentOf<typeof actionSchema>
