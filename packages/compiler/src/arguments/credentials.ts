import type { Ptr } from '@tetragon-ts/ebpf/lang'
import { Cred, UserNamespace } from '@tetragon-ts/sensors/kernel/types'
import {
  credentialIds,
  credentialsShape,
  userNamespaceShape,
} from '@tetragon-ts/sensors/records/credentials'
import { asPointer } from '../hook/hit.ts'
import type { ArgumentType } from './argument-type.ts'
import { readCapabilities } from './capability.ts'
import { credentialsJson, userNamespaceJson } from './credentials-json.ts'

/** PROC_USER_INIT_INO in include/linux/proc_ns.h: the first user namespace. */
const hostNamespace = 0xeffffffd

function namespaceFields(namespace: Ptr<UserNamespace>) {
  const { level, owner, group, ns } = namespace
  return { level, owner: owner.val, group: group.val, inum: ns.inum }
}

/** A user namespace. */
const userNamespaceType: ArgumentType<typeof userNamespaceShape> = {
  facets: [],
  expects: { kind: 'structure', names: ['user_namespace'] },
  shape: userNamespaceShape,
  tailMax: 0,
  costly: true,
  read(hit, raw) {
    const namespace = asPointer(hit.k, raw, UserNamespace)
    return { fields: () => namespaceFields(namespace), pointer: hit.k.address(namespace) }
  },
  json(out, { fields }) {
    out.latin1(`"user_ns_arg":${userNamespaceJson(fields, hostNamespace)}`)
  },
}

/** Credentials of a process. */
const credType: ArgumentType<typeof credentialsShape> = {
  facets: [],
  expects: { kind: 'structure', names: ['cred'] },
  shape: credentialsShape,
  tailMax: 0,
  costly: true,
  read(hit, raw) {
    const { k } = hit
    const cred = asPointer(k, raw, Cred)
    const set = (name: 'cap_permitted' | 'cap_effective' | 'cap_inheritable') =>
      readCapabilities(hit, k.addressOf(cred, name)).mask
    const fields = () => ({
      ...Object.fromEntries(credentialIds.map((name) => [name, cred[name].val])),
      securebits: cred.securebits,
      permitted: set('cap_permitted'),
      effective: set('cap_effective'),
      inheritable: set('cap_inheritable'),
      ...namespaceFields(cred.user_ns),
    })
    return { fields, pointer: hit.k.address(cred) }
  },
  json(out, { fields }) {
    out.latin1(`"process_credentials_arg":${credentialsJson(fields, hostNamespace)}`)
  },
}

export const credentialTypes = { cred: credType, user_namespace: userNamespaceType }
