import type { Event } from '@tetragon-ts/api'
import { DryRun, type Hook, type Policy, readPolicies } from '@tetragon-ts/policy'
import type { MatchedEvent, PolicyOutcome, SelectorMatches, TrialResult } from './results.ts'

/** Maximum number of matching events that are listed. */
const listedMax = 200

/** Tries the policies of a text on events, the oldest first. */
export class PolicyTrial {
  readonly #runs: readonly PolicyRun[]
  #events = 0
  #matched = 0
  readonly #matches: MatchedEvent[] = []

  constructor(text: string) {
    const { documents } = readPolicies(text, 'policy')
    this.#runs = documents.map(({ policy }) => new PolicyRun(policy))
  }

  /** Takes the next event. @param row how it is listed; `event` is undefined if it is unreadable */
  see(row: Omit<MatchedEvent, 'selector'>, event: Event | undefined): void {
    this.#events++
    if (event === undefined) return
    const selectors = this.#runs.flatMap((run) => run.see(event))
    if (selectors.length === 0) return
    this.#matched++
    this.#matches.push({ ...row, selector: selectors[0] })
    if (this.#matches.length > listedMax) this.#matches.shift()
  }

  get result(): TrialResult {
    return {
      events: this.#events,
      matched: this.#matched,
      policies: this.#runs.map(({ outcome }) => outcome),
      matches: [...this.#matches],
    }
  }
}

/** A policy, and the number of events by selector. */
class PolicyRun {
  readonly #policy: Policy
  readonly #run: DryRun
  readonly #counts = new Map<string, number>()

  constructor(policy: Policy) {
    this.#policy = policy
    this.#run = new DryRun(policy)
  }

  /** @returns paths of the selectors that match */
  see(event: Event): readonly string[] {
    const outcomes = this.#run.see(event)
    const found = outcomes.flatMap((each) => (each.kind === 'hit' ? each.selector : []))
    for (const path of found) this.#counts.set(path, (this.#counts.get(path) ?? 0) + 1)
    return found
  }

  get outcome(): PolicyOutcome {
    const { hooks, undecided, assumptions } = this.#run.report
    const unrecorded = hooks.filter(({ recorded }) => recorded.length === 0)
    return {
      name: this.#policy.name,
      selectors: this.#policy.hooks.flatMap((hook) => this.#matchesOf(hook)),
      unrecorded: unrecorded.map(({ hook }) => nameOf(hook)),
      undecided,
      assumptions,
    }
  }

  #matchesOf(hook: Hook): SelectorMatches[] {
    const all = hook.selectors.length > 0 ? hook.selectors : [{ path: hook.path, label: '' }]
    return all.map(({ path, label }) => {
      return { path, label, call: nameOf(hook), events: this.#counts.get(path) ?? 0 }
    })
  }
}

function nameOf({ call, list }: Hook): string {
  return call || `list:${list}`
}
