import { capabilitiesJson, credentialsJson, namespaceJson } from '@tetragon-ts/compiler/hooks'
import type { Fields, RecordMemory } from '@tetragon-ts/ebpf/records'
import { hostNamespaceNumber, namespaceNames, type ProcessRecords } from '@tetragon-ts/sensors'
import { UserNames } from '../../processes/user-names.ts'
import type { EventContent } from '../event-content.ts'

type IdentityType = ProcessRecords['Identity']
type Identity = Fields<IdentityType['shape']>

/** The cache is cleared when it exceeds this size. */
const capacity = 4096
const namespaceIndex = {
  mnt: namespaceNames.indexOf('mnt'),
  user: namespaceNames.indexOf('user'),
} as const

interface CachedDetails {
  /** Capabilities, credentials and namespaces, as far as they are included. */
  readonly json: string
  readonly isHost: boolean
  /** The last name of the user, and all members with it. */
  user: string
  withUser: string
}

/**
 * Optional members of a process's JSON: capabilities, credentials, namespaces, the user's name.
 * Most processes share them with others, so they are cached.
 */
export class ProcessDetails {
  readonly #content: EventContent
  readonly #bytes: Uint8Array
  readonly #from: number
  readonly #to: number
  readonly #users: UserNames
  readonly #cache = new Map<string, CachedDetails>()
  /** Numbers of the host's namespaces. */
  readonly #host: number[]

  constructor(content: EventContent, type: IdentityType, memory: RecordMemory, procfs: string) {
    this.#content = content
    this.#bytes = memory.bytes
    // These members are at the end, in one piece.
    this.#from = type.field('euid').offset
    this.#to = type.size
    this.#users = UserNames.ofHost(procfs)
    this.#host = namespaceNames.map((name) => hostNamespaceNumber(procfs, name))
  }

  /**
   * The members, each with a leading comma, as UTF-8 in a latin1 string.
   * @param offset of the identity in the record
   */
  of(identity: Identity, offset: number): string {
    if (identity.key.pid === 1) this.#learnHost(identity)
    const key = latin1(this.#bytes.subarray(offset + this.#from, offset + this.#to))
    let known = this.#cache.get(key)
    if (known === undefined) {
      known = this.#make(identity)
      if (this.#cache.size >= capacity) this.#cache.clear()
      this.#cache.set(key, known)
    }
    return known.isHost ? this.#withUser(known, identity.euid) : known.json
  }

  /** The namespaces of the first process are those of the host; /proc may have hidden them. */
  #learnHost({ namespaces }: Identity): void {
    for (let index = 0; index < namespaces.length; index++) {
      const inum = namespaces.at(index)
      if (this.#host[index] === inum) continue
      this.#host[index] = inum
      this.#cache.clear()
    }
  }

  #make(identity: Identity): CachedDetails {
    const { credentials, namespaces, userNames } = this.#content
    let json = ''
    if (credentials) {
      json += `,"cap":${capabilitiesJson(identity.credentials)}`
      const hostUser = this.#host[namespaceIndex.user] || initialUserNamespace
      json += `,"process_credentials":${credentialsJson(identity.credentials, hostUser)}`
    }
    if (namespaces) json += `,"ns":{${this.#namespacesJson(identity)}}`
    const isHost = userNames && this.#isHost(identity, 'mnt') && this.#isHost(identity, 'user')
    return { json, isHost, user: '', withUser: json }
  }

  #namespacesJson({ namespaces }: Identity): string {
    return namespaceNames
      .map((name, index) => [name, namespaces.at(index), this.#host[index]] as const)
      .filter(([, inum]) => inum !== 0)
      .map(([name, inum, host]) => `"${name}":${namespaceJson(inum, host)}`)
      .join()
  }

  #isHost({ namespaces }: Identity, name: keyof typeof namespaceIndex): boolean {
    const index = namespaceIndex[name]
    return namespaces.at(index) === this.#host[index]
  }

  #withUser(known: CachedDetails, uid: number): string {
    const user = this.#users.get(uid) ?? ''
    if (known.user !== user) {
      known.user = user
      const member = `,"user":{"name":${JSON.stringify(user)}}`
      known.withUser = user === '' ? known.json : known.json + latin1(Buffer.from(member))
    }
    return known.withUser
  }
}

/** PROC_USER_INIT_INO in include/linux/proc_ns.h: the first user namespace. */
const initialUserNamespace = 0xeffffffd

function latin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1')
}
