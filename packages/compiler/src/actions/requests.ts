import type { ActionModule } from './action.ts'

/** Requests to user space when an event is posted. */
export type UserRequest =
  | { readonly kind: 'get-url'; readonly url: string }
  | { readonly kind: 'dns-lookup'; readonly fqdn: string }

/** GetUrl requests a URL; the response is ignored. */
const getUrl: ActionModule<'GetUrl'> = { request: ({ url }) => ({ kind: 'get-url', url }) }

/** DnsLookup resolves a name. */
const dnsLookup: ActionModule<'DnsLookup'> = {
  request: ({ fqdn }) => ({ kind: 'dns-lookup', fqdn }),
}

export const requestActions = { GetUrl: getUrl, DnsLookup: dnsLookup }
