import { hasExpired, type LinkedFilter } from '@tetragon-ts/rules'

/** An exception as clients see it. */
export interface ShownException {
  readonly title: string
  readonly owner?: string | undefined
  /** The last day. */
  readonly expires?: string | undefined
  readonly expired: boolean
}

/** The exception of a filter. */
export function exceptionOf({ filter }: LinkedFilter): ShownException {
  const { title, owner, expires } = filter
  return { title, owner, expires: expires?.date, expired: hasExpired(filter, Date.now()) }
}

/** Title, owner and last day of an exception: `Backup (owner: ann, until 2027-01-31)`. */
export function exceptionText({ title, owner, expires, expired }: ShownException): string {
  const terms = [
    ...(owner ? [`owner: ${owner}`] : []),
    ...(expires ? [`${expired ? 'expired after' : 'until'} ${expires}`] : []),
  ]
  return terms.length === 0 ? title : `${title} (${terms.join(', ')})`
}
