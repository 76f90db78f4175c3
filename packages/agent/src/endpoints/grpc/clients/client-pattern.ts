import { BadValue } from '@tetragon-ts/service/options'
import type { Client } from './client.ts'

/** A set of clients: one item of an option such as `--server-change-clients`. */
export type ClientPattern =
  | { readonly kind: Client['kind'] }
  | { readonly kind: 'uid' | 'gid'; readonly id: number }
  | { readonly kind: 'cn' | 'o'; readonly name: string }

/** The forms of a pattern, for help and errors. */
export const clientPatternForms =
  'socket, uid=NUMBER, gid=NUMBER, certificate, cn=NAME, o=NAME, anonymous'

/** Permissions of the socket restrict its clients. Clients without an identity may only read. */
export const defaultReaders = 'socket,certificate,anonymous'
export const defaultChangers = 'socket,certificate'

/** Highest number of a user; 2^32-1 means none. */
const highestId = 2 ** 32 - 2

/** Reads a pattern. @throws BadValue */
export function parseClientPattern(text: string): ClientPattern {
  if (text === 'socket' || text === 'certificate' || text === 'anonymous') return { kind: text }
  const [, kind, value] = /^(uid|gid|cn|o)=(.+)$/s.exec(text) ?? []
  if (kind === 'cn' || kind === 'o') return { kind, name: value }
  if (kind === 'uid' || kind === 'gid') {
    const id = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN
    if (id <= highestId) return { kind, id }
    throw new BadValue(`invalid client "${text}" (expected a number; "id" shows it)`)
  }
  throw new BadValue(`invalid client "${text}" (expected ${clientPatternForms})`)
}

/** Whether a pattern names a client. Names are compared exactly. */
export function matchesClient(pattern: ClientPattern, client: Client): boolean {
  switch (pattern.kind) {
    case 'uid':
      return client.kind === 'socket' && client.uid === pattern.id
    case 'gid':
      return (
        client.kind === 'socket' &&
        (client.gid === pattern.id || client.groups.includes(pattern.id))
      )
    case 'cn':
      return client.kind === 'certificate' && client.commonName === pattern.name
    case 'o':
      return client.kind === 'certificate' && client.organizations.includes(pattern.name)
    default:
      return client.kind === pattern.kind
  }
}

/** The roles without options. */
export const defaultRoles = {
  read: defaultReaders.split(',').map(parseClientPattern),
  change: defaultChangers.split(',').map(parseClientPattern),
}
