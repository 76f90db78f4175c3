import type { ArgumentTypeName } from '@tetragon-ts/policy'
import { lookupTypes } from './addrinfo.ts'
import type { AnyArgumentType } from './argument-type.ts'
import { bpfTypes } from './bpf.ts'
import { capabilityTypes } from './capability.ts'
import { charBufTypes } from './char-buf.ts'
import { constBufTypes } from './const-buf.ts'
import { credentialTypes } from './credentials.ts'
import { fileTypes } from './file.ts'
import { goTypes } from './go-string.ts'
import { arrayTypes } from './int32-array.ts'
import { integerTypes } from './integer.ts'
import { moduleTypes } from './kernel-module.ts'
import { nopTypes } from './nop.ts'
import { pathTypes } from './path.ts'
import { perfEventTypes } from './perf-event.ts'
import { packetTypes } from './skb.ts'
import { sockTypes } from './sock.ts'
import { addressTypes } from './sockaddr.ts'
import { textTypes } from './string.ts'
import { syscallTypes } from './syscall-id.ts'
import { vectorTypes } from './vectors.ts'

/** All argument types, by family: a missing one does not compile. */
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
  ...charBufTypes,
  ...constBufTypes,
  ...nopTypes,
  ...perfEventTypes,
  ...packetTypes,
  ...syscallTypes,
  ...lookupTypes,
  ...arrayTypes,
  ...goTypes,
} satisfies Record<ReadableType, AnyArgumentType>

/** `auto` is replaced by the type that a tracepoint declares: no hook reads it. */
type ReadableType = Exclude<ArgumentTypeName, 'auto'>

/** The argument type with that name. @throws Error for one that no hook can read */
export function argumentType(name: ArgumentTypeName): AnyArgumentType {
  if (!hasArgumentType(name)) throw new Error(`no argument type ${name}`)
  return types[name]
}

/** Whether hooks can read an argument type. */
export function hasArgumentType(name: ArgumentTypeName): name is ReadableType {
  return name !== 'auto'
}
