import { findingLevels } from '@tetragon-ts/api'
import type { Alert } from '../summaries/alert-groups.ts'

/** Milliseconds between notifications. */
export const pauseMs = 30_000
/** Longest title in a notification, in characters. */
const titleMax = 100
const levels: readonly string[] = findingLevels

type Seen = Pick<Alert, 'key' | 'title' | 'level' | 'last'>

/** Notifies of alerts that became new, at most once in {@link pauseMs}, with their number. */
export class AlertNotifier {
  readonly #show: (text: string) => void
  /** Times of the last events of alerts that were there before, by key. */
  readonly #known: ReadonlyMap<string, number>
  readonly #since: number
  #shownAt = Number.NEGATIVE_INFINITY
  /** Keys of reported alerts that are still new. */
  #reported = new Set<string>()

  /**
   * @param known alerts that are reported only after a later event
   * @param since the same for the others, which a filter hid, in milliseconds since 1970
   * @param show shows a text; it may have any characters that rules have
   */
  constructor(known: readonly Seen[], since: number, show: (text: string) => void) {
    this.#known = new Map(known.map(({ key, last }) => [key, last]))
    this.#since = since
    this.#show = show
  }

  /**
   * Takes all alerts that are new.
   * @param least the lowest level that is reported
   * @param now milliseconds
   */
  see(alerts: readonly Seen[], least: string, now: number): void {
    const wanted = alerts.filter(({ key, level, last }) => {
      const since = this.#known.get(key) ?? this.#since
      return levels.indexOf(level) >= levels.indexOf(least) && last > since
    })
    const keys = new Set(wanted.map(({ key }) => key))
    // One that was seen, and is hit again, is reported again.
    this.#reported = only(this.#reported, keys)
    const fresh = wanted.filter(({ key }) => !this.#reported.has(key))
    if (fresh.length === 0 || now - this.#shownAt < pauseMs) return
    this.#shownAt = now
    for (const { key } of fresh) this.#reported.add(key)
    const [{ level, title }] = fresh
    const count = fresh.length === 1 ? '1 new alert' : `${fresh.length} new alerts, the first`
    this.#show(`${count}: ${level}, ${title.slice(0, titleMax)}`)
  }
}

function only(keys: ReadonlySet<string>, others: ReadonlySet<string>): Set<string> {
  return new Set([...keys].filter((key) => others.has(key)))
}
