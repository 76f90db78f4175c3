import type { ArgumentTypeName } from '@tetragon-ts/policy'
import type { AnyArgumentType } from './argument-type.ts'
import { bpfTypes } from './bpf.ts'
import { capabilityTypes } from './capability.ts'
import { charBufType } from './char-buf.ts'
import { constBufType } from './const-buf.ts'
import { credentialTypes } from './credentials.ts'
import { fileTypes } from './file.ts'
import { integerTypes } from './integer.ts'
import { moduleTypes } from './kernel-module.ts'
import { nopType } from './nop.ts'
import { pathTypes } from './path.ts'
import { perfEventType } from './perf-event.ts'
import { skbType } from './skb.ts'
import { sockTypes } from './sock.ts'
import { addressTypes } from './sockaddr.ts'
import { textTypes } from './string.ts'
import { syscall64Type } from './syscall-id.ts'
import { vectorTypes } from './vectors.ts'

/** All argument types: one that the language has and that is missing here does not compile. */
const types = {
  ...integerTypes,
  ...capabilityTypes,
  ...textTypes,
  ...vectorTypes,
  ...fileTypes,
  ...pathTypes,
  ...sockTypes,
  ...addressTypes,
  ...credentialTypes,
  ...bpfTypes,
  ...moduleTypes,
  char_buf: charBufType,
  const_buf: constBufType,
  nop: nopType,
  perf_event: perfEventType,
  skb: skbType,
  syscall64: syscall64Type,
} satisfies Record<ReadableType, AnyArgumentType>

/** `auto` stands for the type that a tracepoint declares: no hook reads it. */
type ReadableType = Exclude<ArgumentTypeName, 'auto'>

/** The argument type of that name. @throws Error for one that cannot be read by any hook */
export function argumentType(name: ArgumentTypeName): AnyArgumentType {
  if (!hasArgumentType(name)) throw new Error(`no argument type ${name}`)
  return types[name]
}

/** Whether hooks can read an argument type. */
export function hasArgumentType(name: ArgumentTypeName): name is ReadableType {
  return name !== 'auto'
}
