import type { Action } from '@tetragon-ts/policy'

/** What user space does when an event is posted. */
export type UserRequest =
  | { readonly kind: 'get-url'; readonly url: string }
  | { readonly kind: 'dns-lookup'; readonly fqdn: string }

/** What an action asks of user space: nothing for most. */
export function userRequest(action: Action): readonly UserRequest[] {
  if (action.action === 'GetUrl') return [{ kind: 'get-url', url: action.url }]
  if (action.action === 'DnsLookup') return [{ kind: 'dns-lookup', fqdn: action.fqdn }]
  return []
}
