import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { labelled, pathOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'

const lookup = (args: readonly KprobeArgument[]) => ({
  QueryName: pathOf(labelled(args, 'name') ?? args[0]),
  QueryResults: args.find(({ addrinfo_arg }) => addrinfo_arg)?.addrinfo_arg?.addresses,
})

/** Names that programs look up with the C library. */
export const dnsQuery = hookLogSource({
  name: 'dns_query',
  doc: 'a program looked up a name with the C library',
  fields: {
    QueryName: eventField('the name'),
    QueryResults: eventField('addresses that were found', 'address'),
  },
  events: ['process_uprobe'],
  hooks: { getaddrinfo: lookup, gethostbyname: lookup, gethostbyname2: lookup },
  uses: [
    {
      hook: 'getaddrinfo',
      fields: { QueryName: { argument: 0, as: 'text' }, QueryResults: 'unknown' },
    },
  ],
})
