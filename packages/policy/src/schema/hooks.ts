import { argumentSchema } from './argument.ts'
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
} from './schema.ts'
import { selectorSchema } from './selector.ts'

const args = list('Arguments that are read and shown, in this order.', argumentSchema)
const data = list('More to read that is not an argument; each item has a `source`.', argumentSchema)
const selectors = list('Which hits count; without selectors all do.', selectorSchema)
const message = string('What the event says about the hook, 2 to 256 bytes.')
/** pkg/sensors/tracing/tags.go has the same limit. */
const tags = list('Words that events are found by, 16 at most.', string('2 to 128 bytes.'), {
  maxItems: 16,
})
const wantsReturn = withDefault(boolean('The result is wanted as well.'), false)
const returnArg = redescribed(argumentSchema, 'How the result is read. Needed with `return: true`.')
const btfPath = string('File with the types of the program.')
const program = required(string('Path of the program or library.', { minLength: 1 }))

/** `return` is a word of CEL, which the API server has spelled so. */
const returnRule: Rule = {
  rule: '!has(self.__return__) || !self.__return__ || has(self.returnArg)',
  message: 'return: true needs returnArg',
}

export const kprobeSchema = object(
  'Kprobe',
  'A function of the kernel or a system call.',
  {
    call: required(
      string(
        'Name of the function, `sys_NAME` of a system call, or `list:NAME` for all of a list.',
        { minLength: 1 },
      ),
    ),
    syscall: withDefault(
      boolean('`call` is a system call. Of a plain function, true means false, with a warning.'),
      true,
    ),
    return: wantsReturn,
    returnArg,
    returnArgAction: oneOf('What is done with a result that is a socket.', [
      'TrackSock',
      'UntrackSock',
    ]),
    args,
    data,
    selectors,
    message,
    tags,
    ignore: object('KprobeIgnore', 'What does not keep the policy from being loaded.', {
      callNotFound: withDefault(boolean('The kernel has no such function.'), false),
    }),
  },
  [returnRule],
)
export type KprobeDocument = DocumentOf<typeof kprobeSchema>

export const tracepointSchema = object('Tracepoint', 'A tracepoint of the kernel.', {
  subsystem: required(string('First part of its name, such as `sched`.', { minLength: 1 })),
  event: required(string('Second part of its name.', { minLength: 1 })),
  raw: withDefault(boolean('Arguments are those of the raw tracepoint.'), false),
  args,
  selectors,
  message,
  tags,
})
export type TracepointDocument = DocumentOf<typeof tracepointSchema>

export const lsmHookSchema = object('LsmHook', 'A hook of the security modules.', {
  hook: required(string('Name of the hook, such as `file_open`.', { minLength: 1 })),
  args,
  selectors,
  message,
  tags,
})
export type LsmHookDocument = DocumentOf<typeof lsmHookSchema>

export const uprobeSchema = object(
  'Uprobe',
  'Functions of a program, given by exactly one of `symbols`, `offsets` and `addrs`.',
  {
    path: program,
    btfPath,
    symbols: list('Functions by name, also `NAME+OFFSET`.', string('A symbol.')),
    offsets: list('Places by offset in the file.', uint64('An offset.')),
    addrs: list('Places by virtual address.', uint64('An address.')),
    refCtrOffsets: list(
      'Offsets of reference counters, one for each symbol or offset.',
      uint64('An offset.'),
    ),
    args,
    data,
    return: wantsReturn,
    returnArg,
    selectors,
    message,
    tags,
    binaryDigests: list(
      'The program must have one of these digests, `ALGORITHM:HEX`.',
      string('sha1, sha256, sha384, sha512 or build-id, a colon and hexadecimal digits.'),
    ),
    ignore: object('UprobeIgnore', 'What does not keep the policy from being loaded.', {
      digestVerificationFailure: withDefault(boolean('No digest fits.'), false),
    }),
  },
  [returnRule],
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
