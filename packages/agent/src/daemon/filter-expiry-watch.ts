import type { FilterInForce } from '../rules/rules-in-force.ts'

/** How long before the end of an exception a warning says so. */
export const soonMs = 7 * 86_400_000
/** Longest time between two looks: the clock can be changed. */
const longestWaitMs = 3_600_000

/** Logs when exceptions of rules are about to expire, and when they have. */
export class FilterExpiryWatch implements Disposable {
  readonly #warn: (message: string) => void
  readonly #renew: () => void
  #filters: readonly FilterInForce[] = []
  /** Warnings about them: each is logged once. */
  #warned: ReadonlySet<string> = new Set()
  #timer: NodeJS.Timeout | undefined

  /** @param renew reads the rules again: the kernel decides an exception that has expired */
  constructor(warn: (message: string) => void, renew: () => void) {
    this.#warn = warn
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
    const warnings = this.#filters.flatMap((each) => expiryWarning(each, now) ?? [])
    for (const each of warnings) if (!this.#warned.has(each)) this.#warn(each)
    this.#warned = new Set(warnings)
    const ends = this.#filters.map(({ expires }) => expires?.endMs ?? 0)
    const changes = ends.flatMap((end) => [end - soonMs, end]).filter((time) => time > now)
    if (changes.length > 0) {
      const next = changes.reduce((least, time) => Math.min(least, time))
      const wait = Math.min(next - now, longestWaitMs)
      this.#timer = setTimeout(() => this.#look(), wait).unref()
    }
    const isOutdated = this.#filters.some(({ expires, isEnforced, wasExpired }) => {
      return isEnforced && !wasExpired && expires !== undefined && expires.endMs <= now
    })
    if (isOutdated) this.#renew()
  }
}

/** What the operator must know about an exception; undefined if it is in force for longer. */
function expiryWarning({ title, owner, expires, file, line }: FilterInForce, now: number) {
  if (expires === undefined || now < expires.endMs - soonMs) return undefined
  const ofOwner = owner === '' ? '' : ` of ${owner}`
  const when = now < expires.endMs ? 'expires after' : 'has expired: it excepts nothing since'
  return `exception "${title}"${ofOwner} (${file}:${line}) ${when} ${expires.date}`
}
