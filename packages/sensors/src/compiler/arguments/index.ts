import type { ArgumentTypeName } from '@tetragon-ts/policy'
import type { ArgumentType } from './argument-type.ts'
import { bpfAttrType, bpfCmdType, bpfMapType, bpfProgType } from './bpf.ts'
import { capabilitySetTypes, capabilityType } from './capability.ts'
import { charBufType } from './char-buf.ts'
import { constBufType } from './const-buf.ts'
import { credType, userNamespaceType } from './credentials.ts'
import { fdType, fileType, kiocbType, linuxBinprmType } from './file.ts'
import { integerTypes } from './integer.ts'
import { loadInfoType, moduleType } from './kernel-module.ts'
import { nopType } from './nop.ts'
import { dentryType, pathType } from './path.ts'
import { perfEventType } from './perf-event.ts'
import { skbType } from './skb.ts'
import { socketType, sockType } from './sock.ts'
import { sockaddrType, sockaddrUnType } from './sockaddr.ts'
import { dataLocType, filenameType, netDeviceType, stringType } from './string.ts'
import { syscall64Type } from './syscall-id.ts'
import { charIovecType, iovIterType } from './vectors.ts'

/** All argument types: an entry here is all that a new one needs beside its file. */
const types: readonly ArgumentType[] = [
  ...[...integerTypes, capabilityType, bpfCmdType, syscall64Type, nopType],
  ...[stringType, filenameType, netDeviceType, dataLocType],
  ...[charBufType, constBufType, charIovecType, iovIterType],
  ...[fileType, fdType, kiocbType, linuxBinprmType, pathType, dentryType],
  ...[sockType, socketType, skbType, sockaddrType, sockaddrUnType],
  ...[credType, userNamespaceType, ...capabilitySetTypes],
  ...[bpfAttrType, bpfProgType, bpfMapType, perfEventType, moduleType, loadInfoType],
] as unknown as readonly ArgumentType[]

const byName = new Map(types.flatMap((type) => type.names.map((name) => [name, type] as const)))

/** The argument type of that name. @throws Error for one that cannot be read by any hook */
export function argumentType(name: ArgumentTypeName): ArgumentType {
  const type = byName.get(name)
  if (!type) throw new Error(`no argument type ${name}`)
  return type
}

/** Whether hooks can read an argument type. */
export function hasArgumentType(name: ArgumentTypeName): boolean {
  return byName.has(name)
}
