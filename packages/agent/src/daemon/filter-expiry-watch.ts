import { expiresSoon, expirySoonMs, hasExpired } from '@tetragon-ts/rules'
import { ChangedWarnings } from '../log/changed-warnings.ts'
import type { FilterInForce } from '../rules/rules-in-force.ts'

/** Longest time between two looks: the clock can be changed. */
const longestWaitMs = 3_600_000

/** Logs when exceptions of rules are about to expire, and when they have. */
export class FilterExpiryWatch implements Disposable {
  readonly #warnings: ChangedWarnings
  readonly #renew: () => void
  #filters: readonly FilterInForce[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param renew reads the rules again: the kernel decides an exception that has expired */
  constructor(warn: (message: string) => void, renew: () => void) {
    this.#warnings = new ChangedWarnings(warn)
    this.#renew = renew
  }

  /** Watches these filters, instead of those before. */
  watch(filters: readonly FilterInForce[]): void {
    this.#filters = filters.filter(({ expires }) => expires !== undefined)
    this.#look()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #look(): void {
    clearTimeout(this.#timer)
    const now = Date.now()
    this.#warnings.report(this.#filters.flatMap((each) => expiryWarning(each, now) ?? []))
    const isOutdated = this.#filters.some((each) => {
      return each.isEnforced && !each.wasExpired && hasExpired(each, now)
    })
    const ends = this.#filters.map(({ expires }) => expires?.endMs ?? 0)
    const changes = ends.flatMap((end) => [end - expirySoonMs, end]).filter((time) => time > now)
    if (changes.length > 0 || isOutdated) {
      const next = changes.reduce((least, time) => Math.min(least, time), now + longestWaitMs)
      this.#timer = setTimeout(() => this.#look(), next - now).unref()
    }
    // If that fails, the next look repeats it.
    if (isOutdated) this.#renew()
  }
}

/** What the operator must know about an exception; undefined if it is in force for longer. */
function expiryWarning(filter: FilterInForce, now: number): string | undefined {
  const { title, owner, expires, file, line } = filter
  if (expires === undefined || !expiresSoon(filter, now)) return undefined
  const ofOwner = owner === '' ? '' : ` of ${owner}`
  const when = hasExpired(filter, now) ? 'has expired: it excepts nothing after' : 'expires after'
  return `exception "${title}"${ofOwner} (${file}:${line}) ${when} ${expires.date}`
}
