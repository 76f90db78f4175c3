import type { ActionModule } from './action.ts'

/** What user space does when an event is posted. */
export type UserRequest =
  | { readonly kind: 'get-url'; readonly url: string }
  | { readonly kind: 'dns-lookup'; readonly fqdn: string }

/** GetUrl requests an address; the answer is not looked at. */
const getUrl: ActionModule<'GetUrl'> = {
  request: ({ url }) => ({ kind: 'get-url', url }),
}

/** DnsLookup looks a name up. */
const dnsLookup: ActionModule<'DnsLookup'> = {
  request: ({ fqdn }) => ({ kind: 'dns-lookup', fqdn }),
}

export const requestActions = { GetUrl: getUrl, DnsLookup: dnsLookup }
