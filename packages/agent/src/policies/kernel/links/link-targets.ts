import { type LinkTarget, linkValues, type PolicyDocument } from '@tetragon-ts/policy'
import { RepeatedAction } from '@tetragon-ts/service/timers'
import type { HostFiles } from '../user-probes/host-files.ts'

/** Interval of the checks for changed links, in milliseconds. */
const interval = 1000
/** Checks of many links are further apart: they take up to a hundredth of the time. */
const share = 100
const longestInterval = 30_000
/** Unresolved values that a message lists. */
const listedMax = 3

interface Watched {
  readonly document: PolicyDocument
  readonly onChange: () => void
}

/** What the values of conditions with `resolveLinks` lead to, kept up to date. */
export class LinkTargets implements Disposable {
  readonly #files: Pick<HostFiles, 'follow' | 'rest'>
  readonly #warn: (message: string) => void
  readonly #watched = new Map<object, Watched>()
  /** The last answers about values of watched policies. */
  readonly #known = new Map<string, LinkTarget>()
  #checks: RepeatedAction | undefined
  #nextCheck = 0

  /** @param files follows links of the host */
  constructor(files: Pick<HostFiles, 'follow' | 'rest'>, warn: (message: string) => void) {
    this.#files = files
    this.#warn = warn
  }

  /** A policy with what its values lead to now. What cannot be resolved is a warning. */
  async resolve(document: PolicyDocument): Promise<PolicyDocument> {
    const values = linkValues(document.policy)
    if (values.length === 0) return document
    const targets = await this.#ask(values)
    const problems = describeProblems([...targets.values()])
    const { name } = document.policy
    if (problems !== '') this.#warn(`policy ${name}: not resolved: ${problems}; it is tried again`)
    return document.withTargets(targets)
  }

  /**
   * Checks the links of a loaded policy each second.
   * @param document as it was resolved
   * @param onChange is called at each check until the policy is loaded with the new targets
   */
  watch(policy: object, document: PolicyDocument, onChange: () => void): void {
    if (linkValues(document.policy).length === 0) return
    this.#watched.set(policy, { document, onChange })
    const check = (): Promise<void> => this.#checkIfDue()
    this.#checks ??= new RepeatedAction('follow links', interval, check, this.#warn)
  }

  /** Ends the checks for a policy, or drops what was resolved for one that was not loaded. */
  forget(policy: object): void {
    this.#watched.delete(policy)
    if (this.#known.size === 0) return
    const used = new Set(this.#values)
    for (const value of this.#known.keys()) if (!used.has(value)) this.#known.delete(value)
    if (this.#watched.size > 0) return
    this.#checks?.[Symbol.dispose]()
    this.#checks = undefined
    this.#files.rest()
  }

  /** The values that could not be resolved, for the status of a hook; empty if there are none. */
  problemsOf(values: readonly string[]): string {
    return describeProblems(values.flatMap((value) => this.#known.get(value) ?? []))
  }

  get #values(): readonly string[] {
    return [...this.#watched.values()].flatMap(({ document }) => linkValues(document.policy))
  }

  async #checkIfDue(): Promise<void> {
    const start = performance.now()
    if (start < this.#nextCheck) return
    await this.check()
    const end = performance.now()
    this.#nextCheck = end + Math.min(longestInterval, share * (end - start))
  }

  /** Follows all links again. */
  async check(): Promise<void> {
    const now = await this.#ask([...new Set(this.#values)])
    for (const { document, onChange } of this.#watched.values()) {
      if (isOutdated(document, now)) onChange()
    }
  }

  /** A value that no longer resolves keeps its target: removing the link changes nothing. */
  async #ask(values: readonly string[]): Promise<ReadonlyMap<string, LinkTarget>> {
    const answers = await Promise.all(values.map((value) => this.#files.follow(value)))
    for (const [i, answer] of answers.entries()) {
      const value = values[i]
      const target = 'target' in answer ? answer.target : this.#known.get(value)?.target
      this.#known.set(value, { value, ...answer, ...(target === undefined ? {} : { target }) })
    }
    return new Map(values.map((value) => [value, this.#known.get(value) ?? { value }]))
  }

  [Symbol.dispose](): void {
    this.#checks?.[Symbol.dispose]()
    this.#watched.clear()
  }
}

/** Whether a condition was compiled with other targets than those of now. */
function isOutdated({ policy }: PolicyDocument, now: ReadonlyMap<string, LinkTarget>): boolean {
  return policy.hooks.some(({ selectors }) =>
    selectors.some(({ binaries, parentBinaries }) =>
      [...binaries, ...parentBinaries].some(({ targets = [] }) =>
        targets.some(({ value, target }) => {
          const found = now.get(value)
          return found !== undefined && found.target !== target
        }),
      ),
    ),
  )
}

function describeProblems(answers: readonly LinkTarget[]): string {
  const failed = answers.filter(({ problem }) => problem !== undefined)
  const listed = failed.slice(0, listedMax).map(({ value, problem }) => `${value} (${problem})`)
  const more = failed.length - listed.length
  return [...listed, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}
