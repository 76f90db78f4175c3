import { type Event, type Finding, findingLevels } from '@tetragon-ts/api'
import type { Subject } from '../store/filter.ts'
import { containerName, podText, userText } from '../store/process-text.ts'
import type { Span } from '../store/span.ts'
import { operationsOf } from './enforcement-groups.ts'
import { levelOf, policyRank } from './found-rules.ts'

/** Longest text of a group, in characters. */
const textMax = 512
/** Characters that the texts of a group take beside its key, about. */
const restSize = 500

/** Findings of a rule, or hits of a policy with a level, of one program below one other. */
export interface Alert {
  /** Rule or policy, place, program and parent: equal for all its events, also of later pages. */
  readonly key: string
  /** Number of the group, for rows. */
  readonly id: number
  readonly source: 'rule' | 'policy'
  /** Id of the rule, or name of the policy. */
  readonly rule: string
  /** Whether the rule is a correlation, which exceptions do not apply to. */
  readonly isCorrelation: boolean
  readonly title: string
  readonly level: string
  readonly binary: string
  readonly parent: string
  readonly pod: string
  readonly container: string
  readonly node: string
  readonly user: string
  /** Exec id of the latest event. */
  readonly exec: string
  /** Findings and hits, with those that the agent has left out as equal. */
  readonly count: number
  /** Times in milliseconds since 1970. */
  readonly first: number
  readonly last: number
  /** Number of the latest event. */
  readonly event: number
}

/** Alerts at a moment. */
export interface AlertSummary {
  /** The highest level first, then the latest. */
  readonly alerts: readonly Alert[]
  /** Number of kept alerts, shown or not. */
  readonly kept: number
  /** Alerts and their findings that had to make room for others. */
  readonly dropped: { readonly alerts: number; readonly findings: number }
}

type Identity = Pick<Alert, 'source' | 'rule' | 'node' | 'pod' | 'container' | 'binary' | 'parent'>

/** What an event adds to a group. */
interface Hit extends Identity, Pick<Alert, 'isCorrelation' | 'title' | 'user' | 'exec' | 'count'> {
  readonly rank: number
}

interface Group extends Hit {
  readonly id: number
  readonly size: number
  rank: number
  count: number
  first: number
  last: number
  event: number
}

/**
 * Groups findings by rule and by process and parent, in bounded memory. Exec ids would make a group
 * of each start of a program, and whole lineages depend on how many events the page has.
 */
export class AlertGroups {
  readonly #max: number
  readonly #charactersMax: number
  readonly #groups = new Map<string, Group>()
  #characters = 0
  #made = 0
  readonly #dropped = { alerts: 0, findings: 0 }

  /** @param max maximum number of groups */
  constructor(max: number, charactersMax: number) {
    this.#max = max
    this.#charactersMax = charactersMax
  }

  /**
   * @param time milliseconds since 1970
   * @param id number of the event
   */
  see(event: Event, time: number, id: number): void {
    for (const hit of hitsOf(event)) this.#add(hit, time, id)
  }

  #add(hit: Hit, time: number, event: number): void {
    const key = keyOf(hit)
    const known = this.#groups.get(key)
    if (known !== undefined) {
      known.count += hit.count
      known.rank = Math.max(known.rank, hit.rank)
      known.first = Math.min(known.first, time)
      if (time >= known.last) Object.assign(known, { last: time, event, exec: hit.exec })
      return
    }
    const size = key.length + restSize
    const group = { ...hit, id: this.#made++, size, first: time, last: time, event }
    this.#groups.set(key, group)
    this.#characters += size
    while (this.#groups.size > this.#max || this.#characters > this.#charactersMax) {
      this.#makeRoom()
    }
  }

  /** Drops those of the lowest level, the oldest first: many, since sorting takes time. */
  #makeRoom(): void {
    const sorted = [...this.#groups].sort(([, a], [, b]) => a.rank - b.rank || a.last - b.last)
    for (const [key, { size, count }] of sorted.slice(0, Math.max(1, sorted.length >> 4))) {
      this.#groups.delete(key)
      this.#characters -= size
      this.#dropped.alerts++
      this.#dropped.findings += count
    }
  }

  /** @param span only alerts with a first and a last event around or in it; undefined: all */
  summary(span?: Span, shows: (alert: Alert) => boolean = () => true): AlertSummary {
    const alerts = [...this.#groups]
      .sort(([, a], [, b]) => b.rank - a.rank || b.last - a.last)
      .map(([key, { size: _, rank, ...group }]) => ({ key, level: findingLevels[rank], ...group }))
      .filter((alert) => {
        const isInSpan = span === undefined || (alert.last >= span.from && alert.first < span.to)
        return isInSpan && shows(alert)
      })
    return { alerts, kept: this.#groups.size, dropped: { ...this.#dropped } }
  }
}

/** The alerts that an event belongs to, by their keys. */
export function alertKeys(event: Event): string[] {
  return hitsOf(event).map(keyOf)
}

function keyOf({ source, rule, node, pod, container, binary, parent }: Identity): string {
  return JSON.stringify([source, rule, node, pod, container, binary, parent])
}

/** What a filter sees of an alert: words are looked for in its texts. */
export function alertSubject(alert: Alert): Subject {
  const { source, rule, title, level, binary, user, pod, container, node, exec } = alert
  const policy = source === 'policy' ? rule : ''
  const named = source === 'rule' ? title : ''
  const fields = { binary, user, pod, container, policy, node, level, rule: named, exec }
  const texts = [title, rule, alert.parent, ...Object.values(fields)]
  return { has: (word) => texts.some((text) => word.isIn(text)), fields }
}

function hitsOf(event: Event): Hit[] {
  const { body, response } = event
  const { findings = [] } = response
  const rank = policyRank(event)
  // Most events.
  if (rank < 0 && findings.length === 0) return []
  const process = ('process' in body && body.process) || {}
  const parent = ('parent' in body && body.parent) || {}
  const own = {
    node: cut(response.node_name),
    pod: cut(podText(process)),
    container: cut(containerName(process)),
    binary: cut(process.binary),
    parent: cut(parent.binary),
    user: cut(userText(process)),
    exec: cut(process.exec_id),
  }
  const hits: Hit[] = findings.map((finding) => {
    const { rule = '', title = '', exec_ids = [] } = finding
    const isCorrelation = exec_ids.length > 0
    const names = { rule: cut(rule || title), title: cut(title || rule) }
    const [rank, count] = [levelOf(finding), countOf(finding)]
    return { ...own, ...names, source: 'rule', isCorrelation, rank, count }
  })
  if (rank >= 0 && 'policy_name' in body) {
    const policy = cut(body.policy_name)
    const title = cut(('message' in body && body.message) || policy)
    const count = operationsOf(event)
    hits.push({ ...own, source: 'policy', rule: policy, isCorrelation: false, title, rank, count })
  }
  return hits
}

/** A finding, and those that the agent left out since the last one. */
function countOf({ repeated = 0 }: Finding): number {
  const more = Number(repeated)
  return Number.isSafeInteger(more) && more > 0 ? more + 1 : 1
}

function cut(text = ''): string {
  return text.slice(0, textMax)
}
