import { SecureBitsType } from '@tetragon-ts/api'
import { type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import { type Shape, s32, u32, u64 } from '@tetragon-ts/ebpf/records'
import type { ByteWriter } from '../../pipeline/byte-writer.ts'
import { asPointer } from '../hit.ts'
import type { ArgumentType, DecodedArgument } from './argument-type.ts'
import { capabilityNames, readCapabilities } from './capability.ts'
import { bitNames, enumNames } from './enum-names.ts'

/** include/linux/user_namespace.h */
interface UserNamespace {
  readonly level: Int
  readonly owner: { readonly val: Int }
  readonly group: { readonly val: Int }
  readonly ns: { readonly inum: Int }
}
const UserNamespace = kernelStruct<UserNamespace>('user_namespace')

interface Id {
  readonly val: Int
}

/** include/linux/cred.h */
interface Credentials {
  readonly uid: Id
  readonly gid: Id
  readonly euid: Id
  readonly egid: Id
  readonly suid: Id
  readonly sgid: Id
  readonly fsuid: Id
  readonly fsgid: Id
  readonly securebits: Int
  readonly cap_permitted: object
  readonly cap_effective: object
  readonly cap_inheritable: object
  readonly user_ns: Ptr<UserNamespace>
}
const Credentials = kernelStruct<Credentials>('cred')

const ids = ['uid', 'gid', 'euid', 'egid', 'suid', 'sgid', 'fsuid', 'fsgid'] as const

const namespaceShape = { level: s32, owner: u32, group: u32, inum: u32 } as const satisfies Shape

const credentialsShape = {
  permitted: u64,
  effective: u64,
  inheritable: u64,
  uid: u32,
  gid: u32,
  euid: u32,
  egid: u32,
  suid: u32,
  sgid: u32,
  fsuid: u32,
  fsgid: u32,
  securebits: u32,
  ...namespaceShape,
} as const satisfies Shape

/** PROC_USER_INIT_INO in include/linux/proc_ns.h: the first user namespace. */
const hostNamespace = 0xeffffffd

/** Bits of securebits in their order: include/uapi/linux/securebits.h. */
const secureBit = enumNames(SecureBitsType)

function namespaceFields(namespace: Ptr<UserNamespace>) {
  const { level, owner, group, ns } = namespace
  return { level, owner: owner.val, group: group.val, inum: ns.inum }
}

function namespaceJson(out: ByteWriter, { fields }: DecodedArgument<typeof namespaceShape>): void {
  const { level, owner, group, inum } = fields
  const isHost = inum === hostNamespace ? ',"is_host":true' : ''
  out.latin1(`{"level":${level},"uid":${owner},"gid":${group},"ns":{"inum":${inum}${isHost}}}`)
}

/** A user namespace. */
export const userNamespaceType: ArgumentType<typeof namespaceShape> = {
  names: ['user_namespace'],
  wants: { kind: 'structure', names: ['user_namespace'] },
  shape: namespaceShape,
  tailMax: 0,
  costly: true,
  read(hit, raw) {
    const namespace = asPointer(hit.k, raw, UserNamespace)
    return { fields: () => namespaceFields(namespace), pointer: hit.k.address(namespace) }
  },
  json(out, value) {
    out.latin1('"user_ns_arg":')
    namespaceJson(out, value)
  },
}

/** Credentials of a process. */
export const credType: ArgumentType<typeof credentialsShape> = {
  names: ['cred'],
  wants: { kind: 'structure', names: ['cred'] },
  shape: credentialsShape,
  tailMax: 0,
  costly: true,
  read(hit, raw) {
    const { k } = hit
    const cred = asPointer(k, raw, Credentials)
    const set = (name: 'cap_permitted' | 'cap_effective' | 'cap_inheritable') =>
      readCapabilities(k, k.addressOf(cred, name)).mask
    const fields = () => ({
      ...Object.fromEntries(ids.map((name) => [name, cred[name].val])),
      securebits: cred.securebits,
      permitted: set('cap_permitted'),
      effective: set('cap_effective'),
      inheritable: set('cap_inheritable'),
      ...namespaceFields(cred.user_ns),
    })
    return { fields, pointer: hit.k.address(cred) }
  },
  json(out, value) {
    const { fields } = value
    out.latin1('"process_credentials_arg":{')
    out.latin1(ids.map((name) => `"${name}":${fields[name]}`).join())
    const secure = bitNames((bit) => secureBit(2 ** bit), 0, fields.securebits)
    if (secure.length > 0) out.latin1(`,"securebits":${JSON.stringify(secure)}`)
    const sets = [
      ['permitted', capabilityNames(fields.permittedHigh, fields.permittedLow)],
      ['effective', capabilityNames(fields.effectiveHigh, fields.effectiveLow)],
      ['inheritable', capabilityNames(fields.inheritableHigh, fields.inheritableLow)],
    ] as const
    const held = sets.filter(([, names]) => names.length > 0)
    out.latin1(`,"caps":${JSON.stringify(Object.fromEntries(held))},"user_ns":`)
    namespaceJson(out, value as unknown as DecodedArgument<typeof namespaceShape>)
    out.byte(0x7d)
  },
}
