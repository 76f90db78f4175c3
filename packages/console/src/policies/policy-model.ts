import { signal } from '@preact/signals'
import { parameter } from '../page/address.ts'
import type { Answer, Call, Settings } from '../page/call.ts'
import { keyOf, type ListedPolicy, listPolicies, type MissingAgent } from './policy-list.ts'

/** Milliseconds between looks at the agents, while the view is open. */
const refreshMs = 2000

/** A kind of loss, with its number since the start of the agents. */
export type Losses = Readonly<Record<string, bigint>>

/** The policies of the agents, and what was lost. */
export class PolicyModel {
  readonly policies = signal<readonly ListedPolicy[]>([])
  readonly missing = signal<readonly MissingAgent[]>([])
  readonly losses = signal<Losses>({})
  /** Why there is nothing to see; undefined: the agents have answered. */
  readonly failure = signal<string | undefined>('connecting')
  /** Key of a policy. */
  readonly selected = signal(parameter('id'))
  /** Texts of the policies, by key; agents of the original do not tell them. */
  readonly texts = signal<ReadonlyMap<string, string>>(new Map())
  /** Whether the page may change policies. */
  readonly allowsChanges = signal(false)
  /** False: there are only recorded events. */
  readonly hasAgents = signal(true)
  /** Why the last change was refused. */
  readonly refusal = signal<string | undefined>(undefined)
  readonly #call: Call

  constructor(call: Call, settings: Promise<Settings>) {
    this.#call = call
    settings.then(({ allowsChanges, hasAgents }) => {
      this.allowsChanges.value = allowsChanges
      this.hasAgents.value = hasAgents
    })
  }

  /** Sets the mode of a policy on all nodes. */
  async setMode(policy: ListedPolicy, mode: 'TP_MODE_ENFORCE' | 'TP_MODE_MONITOR'): Promise<void> {
    const { name, namespace, domain } = policy
    await this.#change(this.#call('ConfigureTracingPolicy', { name, namespace, domain, mode }))
  }

  /** Deletes a policy from all nodes. */
  async delete({ name, namespace, domain }: ListedPolicy): Promise<void> {
    await this.#change(this.#call('DeleteTracingPolicy', { name, namespace, domain }))
  }

  async #change(answers: Promise<Answer<object>[]>): Promise<void> {
    try {
      const failed = (await answers).filter(({ failure }) => failure !== undefined)
      const texts = failed.map(({ node, failure }) => `${node}: ${failure}`)
      this.refusal.value = texts.length === 0 ? undefined : texts.join('; ')
    } catch (error) {
      this.refusal.value = (error as Error).message
    }
    await this.refresh()
  }

  /** Shows everything about a policy. @param key empty: about none */
  select(key: string): void {
    this.selected.value = key
    this.refresh()
  }

  /** Looks at the agents now and then. @returns ends that */
  watch(): () => void {
    let isOver = false
    const look = async (): Promise<void> => {
      await this.refresh()
      if (!isOver) timer = setTimeout(look, refreshMs)
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }

  /** Looks at the agents. */
  async refresh(): Promise<void> {
    try {
      const { policies, missing } = listPolicies(await this.#call('ListTracingPolicies', {}))
      this.policies.value = policies
      this.missing.value = missing
      this.failure.value = undefined
    } catch (error) {
      this.failure.value = (error as Error).message
    }
    // Agents of the original do not have these.
    this.losses.value = await this.#call('GetLosses', {}).then(sumLosses, () => ({}))
    if (this.selected.value !== '') this.texts.value = await this.#readTexts()
  }

  /** Texts of policies may be long: they are read while one is shown. */
  async #readTexts(): Promise<ReadonlyMap<string, string>> {
    try {
      const answers = await this.#call('GetPolicies', {})
      const all = answers.flatMap(({ response }) => response?.policies ?? [])
      return new Map(all.map((policy) => [keyOf(policy), policy.yaml ?? '']))
    } catch {
      // Agents of the original do not have the call.
      return new Map()
    }
  }
}

function sumLosses(
  answers: readonly Answer<{ readonly losses?: Readonly<Record<string, string | number>> }>[],
): Losses {
  const sums: Record<string, bigint> = {}
  for (const { response } of answers) {
    for (const [kind, count] of Object.entries(response?.losses ?? {})) {
      const sum = (sums[kind] ?? 0n) + BigInt(count)
      if (sum > 0n) sums[kind] = sum
    }
  }
  return sums
}
