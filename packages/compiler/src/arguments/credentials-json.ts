import { CapabilitiesType, SecureBitsType } from '@tetragon-ts/api'
import type { Fields } from '@tetragon-ts/ebpf/records'
import {
  credentialIds,
  type credentialsShape,
  type userNamespaceShape,
} from '@tetragon-ts/sensors/records/credentials'
import { bitNames, enumNames } from './enum-names.ts'

type CredentialFields = Fields<typeof credentialsShape>

const capabilityName = enumNames(CapabilitiesType)
/** Bits of securebits in their order: include/uapi/linux/securebits.h. */
const secureBit = enumNames(SecureBitsType)

/** Names of a capability set, given by its halves. */
export function capabilityNames(high: number, low: number): string[] {
  return bitNames(capabilityName, high, low)
}

/** JSON of a `Capabilities` message; empty sets are omitted. */
export function capabilitiesJson(fields: CredentialFields): string {
  const sets = [
    ['permitted', capabilityNames(fields.permittedHigh, fields.permittedLow)],
    ['effective', capabilityNames(fields.effectiveHigh, fields.effectiveLow)],
    ['inheritable', capabilityNames(fields.inheritableHigh, fields.inheritableLow)],
  ] as const
  return JSON.stringify(Object.fromEntries(sets.filter(([, names]) => names.length > 0)))
}

/** JSON of a `UserNamespace` message. @param host number of the host's user namespace */
export function userNamespaceJson(fields: Fields<typeof userNamespaceShape>, host: number): string {
  const { level, owner, group, inum } = fields
  return `{"level":${level},"uid":${owner},"gid":${group},"ns":${namespaceJson(inum, host)}}`
}

/** JSON of a `Namespace` message. @param host number of the host's namespace of that kind */
export function namespaceJson(inum: number, host: number): string {
  return inum === host ? `{"inum":${inum},"is_host":true}` : `{"inum":${inum}}`
}

/** JSON of a `ProcessCredentials` message. @param hostUser number of the host's user namespace */
export function credentialsJson(fields: CredentialFields, hostUser: number): string {
  const ids = credentialIds.map((name) => `"${name}":${fields[name]}`).join()
  const secure = bitNames((bit) => secureBit(2 ** bit), 0, fields.securebits)
  const secureJson = secure.length > 0 ? `,"securebits":${JSON.stringify(secure)}` : ''
  const namespace = userNamespaceJson(fields, hostUser)
  return `{${ids}${secureJson},"caps":${capabilitiesJson(fields)},"user_ns":${namespace}}`
}
