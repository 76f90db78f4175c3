import type { Section } from '../arguments/section.ts'
import {
  boolean,
  type DocumentOf,
  list,
  object,
  oneOf,
  type Rule,
  redescribed,
  required,
  string,
  uint64,
  withDefault,
} from '../fields/schema.ts'
import { argumentSchema } from './argument.ts'
import { selectorSchema } from './selector.ts'

const args = list('Arguments to read and show, in this order.', argumentSchema)
const data = list('Other values to read; each item has a `source`.', argumentSchema)
const selectors = list('Which hits match; without selectors all do.', selectorSchema)
const message = string('Description of the hook in events, 2 to 256 bytes.')
/** pkg/sensors/tracing/tags.go has the same limit. */
const tags = list('Tags of the event, at most 16.', string('2 to 128 bytes.'), { maxItems: 16 })
const needsReturn = withDefault(boolean('Also report the return value.'), false)
const returnArg = redescribed(
  argumentSchema,
  'How the return value is read. Required with `return: true`.',
)
const btfPath = string('File with the BTF types of the program.')
const program = required(string('Path of the program or library.', { minLength: 1 }))

/** `return` is a reserved word in CEL, which the API server spells this way. */
const returnRule: Rule = {
  rule: '!has(self.__return__) || !self.__return__ || has(self.returnArg)',
  message: 'return: true needs returnArg',
}

const isGiven = (list: string): string => `(has(self.${list}) && size(self.${list}) > 0 ? 1 : 0)`

const locationRule: Rule = {
  rule: `${['symbols', 'offsets', 'addrs'].map(isGiven).join(' + ')} == 1`,
  message: 'a uprobe requires exactly one of symbols, offsets and addrs',
}

export const kprobeSchema = object(
  'Kprobe',
  'A function of the kernel or a system call.',
  {
    call: required(
      string(
        'Name of the function, `sys_NAME` for a system call, or `list:NAME` for all functions of a list.',
        { minLength: 1 },
      ),
    ),
    syscall: withDefault(
      boolean('`call` is a system call. For other functions `true` is ignored with a warning.'),
      true,
    ),
    return: needsReturn,
    returnArg,
    returnArgAction: oneOf('Action for a return value that is a socket.', [
      'TrackSock',
      'UntrackSock',
    ]),
    args,
    data,
    selectors,
    message,
    tags,
    ignore: object('KprobeIgnore', 'Problems that do not prevent loading the policy.', {
      callNotFound: withDefault(boolean('The kernel does not have the function.'), false),
    }),
  },
  [returnRule],
)
export type KprobeDocument = DocumentOf<typeof kprobeSchema>

export const tracepointSchema = object('Tracepoint', 'A tracepoint of the kernel.', {
  subsystem: required(string('Subsystem of the tracepoint, such as `sched`.', { minLength: 1 })),
  event: required(
    string('Name of the tracepoint in the subsystem, such as `sched_switch`.', { minLength: 1 }),
  ),
  raw: withDefault(boolean('Use the raw tracepoint and its arguments.'), false),
  args,
  data,
  selectors,
  message,
  tags,
})
export type TracepointDocument = DocumentOf<typeof tracepointSchema>

export const lsmHookSchema = object('LsmHook', 'An LSM hook.', {
  hook: required(string('Name of the hook, such as `file_open`.', { minLength: 1 })),
  args,
  data,
  selectors,
  message,
  tags,
})
export type LsmHookDocument = DocumentOf<typeof lsmHookSchema>

export const uprobeSchema = object(
  'Uprobe',
  'Functions of a program, selected by exactly one of `symbols`, `offsets` and `addrs`.',
  {
    path: program,
    resolvePathInContainer: boolean(
      'Accepted without effect: the path is always looked up in each container, and on the host.',
    ),
    btfPath,
    symbols: list('Functions by symbol: `NAME` or `NAME+OFFSET`.', string('A symbol.')),
    offsets: list('Functions by offset in the file.', uint64('An offset.')),
    addrs: list('Functions by virtual address.', uint64('An address.')),
    refCtrOffsets: list(
      'Offsets of reference counters, one for each symbol or offset.',
      uint64('An offset.'),
    ),
    args,
    data,
    return: needsReturn,
    returnArg,
    selectors,
    message,
    tags,
    binaryDigests: list(
      'The program must have one of these digests, `ALGORITHM:HEX`.',
      string('sha1, sha256, sha384, sha512 or build-id, a colon and hexadecimal digits.'),
    ),
    ignore: object('UprobeIgnore', 'Problems that do not prevent loading the policy.', {
      digestVerificationFailure: withDefault(boolean('No digest matches.'), false),
    }),
  },
  [returnRule, locationRule],
)
export type UprobeDocument = DocumentOf<typeof uprobeSchema>

export const usdtSchema = object('Usdt', 'A static probe of a program.', {
  path: program,
  btfPath,
  provider: required(string('Provider of the probe.', { minLength: 1 })),
  name: required(string('Name of the probe.', { minLength: 1 })),
  args,
  selectors,
  message,
  tags,
})
export type UsdtDocument = DocumentOf<typeof usdtSchema>

export const processFilterSchema = object(
  'ProcessFilter',
  'Decides which execs are posted, with the exits of their processes. The first selector that ' +
    'matches decides: Post or NoPost. An exec is not posted if a filter has NoPost for it and no ' +
    'filter has Post.',
  { selectors },
)
export type ProcessFilterDocument = DocumentOf<typeof processFilterSchema>

const kprobes = list('Functions of the kernel and system calls.', kprobeSchema)

/** The hooks of a policy: a missing section does not compile. */
export const hookLists = {
  kprobes,
  fentries: redescribed(kprobes, 'Like kprobes, with fentry and fexit only. No Override.'),
  tracepoints: list('Tracepoints.', tracepointSchema),
  lsmhooks: list('LSM hooks.', lsmHookSchema),
  uprobes: list(
    'Functions of user space programs. Not in a TracingPolicyNamespaced.',
    uprobeSchema,
  ),
  usdts: list(
    'Static probes of user space programs. Not in a TracingPolicyNamespaced.',
    usdtSchema,
  ),
  processes: list('Filters of the events of execs and exits.', processFilterSchema),
} satisfies Record<Section, unknown>
