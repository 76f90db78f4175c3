import { computed, signal } from '@preact/signals'
import type { GetLossesResponse, GetPolicyProgramsResponse } from '@tetragon-ts/api'
import { type Losses, lossesOf } from '../losses/losses.ts'
import { parameter } from '../page/address.ts'
import type { Answer, Call, Measure, Settings } from '../page/call.ts'
import { watch } from '../page/watch.ts'
import type { EditorModel } from './editor/editor-model.ts'
import type { HookOnNode } from './policy-hooks.ts'
import { keyOf, type ListedPolicy, listPolicies, type MissingAgent } from './policy-list.ts'
import { type ProgramCost, programCosts } from './program-costs.ts'

/** Milliseconds between looks at the agents, while the view is open. */
const refreshMs = 2000

/** Domains of policies that clients add without naming one; that of the original is empty. */
const clientDomains = ['grpc', '']

/** What the text of the editor would add or replace. */
export interface Target {
  readonly name: string
  readonly text: string
  /** The text in mode monitor; undefined: it enforces nothing. */
  readonly monitored: string | undefined
  /** The loaded policy of that name. */
  readonly loaded: ListedPolicy | undefined
}

/** The policies of the agents, and what was lost. */
export class PolicyModel {
  readonly policies = signal<readonly ListedPolicy[]>([])
  readonly missing = signal<readonly MissingAgent[]>([])
  /** Number of agents that answer. */
  readonly agents = signal(0)
  readonly losses = signal<Losses>({})
  /** Why there is nothing to see; undefined: the agents have answered. */
  readonly failure = signal<string | undefined>('connecting')
  /** Key of a policy. */
  readonly selected = signal(parameter('id', '/policies'))
  /** Node and path of the hook whose programs are shown; empty: none. */
  readonly openHook = signal(parameter('hook', '/policies'))
  /** Texts of the policies, by key; agents of Tetragon do not report them. */
  readonly texts = signal<ReadonlyMap<string, string>>(new Map())
  /** Whether the page may change policies. */
  readonly allowsChanges = signal(false)
  /** False: there are only recorded events. */
  readonly hasAgents = signal(true)
  /** Why the last change was refused. */
  readonly refusal = signal<string | undefined>(undefined)
  /** What a second of work of the kernel programs has cost; undefined: not measured. */
  readonly costs = signal<readonly ProgramCost[] | 'measuring' | undefined>(undefined)
  readonly editor: EditorModel
  /** Undefined: the text is not one policy. */
  readonly target = computed<Target | undefined>(() => {
    const draft = this.editor.draft.value
    const [policy, ...others] = this.editor.check.value?.policies ?? []
    if (draft === undefined || policy === undefined || others.length > 0) return undefined
    const loaded = this.policies.value.find(({ name, namespace, domain, key }) => {
      const isNamed = name === policy.name && namespace === policy.namespace
      return isNamed && (key === draft.key || clientDomains.includes(domain))
    })
    const { monitored } = this.editor.check.value!
    return { name: policy.name, text: draft.text, monitored, loaded }
  })
  #refreshes = 0
  readonly call: Call
  readonly #measure: Measure

  constructor(
    { call, measure }: { readonly call: Call; readonly measure: Measure },
    settings: Promise<Settings>,
    editor: EditorModel,
  ) {
    this.call = call
    this.#measure = measure
    this.editor = editor
    settings.then(({ allowsChanges, hasAgents }) => {
      this.allowsChanges.value = allowsChanges
      this.hasAgents.value = hasAgents
    })
  }

  /** Sets the mode of a policy on all nodes. */
  async setMode(policy: ListedPolicy, mode: 'TP_MODE_ENFORCE' | 'TP_MODE_MONITOR'): Promise<void> {
    const { name, namespace, domain } = policy
    await this.#change(this.call('ConfigureTracingPolicy', { name, namespace, domain, mode }))
  }

  /** Measures the kernel programs for a second: measuring costs some 20 ns for each run. */
  async measure(): Promise<void> {
    this.costs.value = 'measuring'
    try {
      this.costs.value = programCosts(await this.#measure())
      this.refusal.value = undefined
    } catch (error) {
      this.costs.value = undefined
      this.refusal.value = (error as Error).message
    }
  }

  /**
   * Reads annotated programs of a hook.
   * @param position where the page begins
   * @throws Error with the reason for the user
   */
  async programs(
    { name, namespace, domain }: ListedPolicy,
    node: string,
    { section, index: hook_idx }: HookOnNode,
    position: number,
  ): Promise<GetPolicyProgramsResponse> {
    const request = { name, namespace, domain, section, hook_idx, position }
    const [answer] = await this.call('GetPolicyPrograms', request, node)
    if (answer?.response !== undefined) return answer.response
    throw new Error(answer?.failure ?? 'the node has left the cluster')
  }

  /** Opens the text of a policy in the editor. */
  edit({ key }: ListedPolicy, yaml: string): void {
    this.editor.open(yaml, key)
  }

  /**
   * Adds a policy on all nodes, or replaces the one of its name, as the user has confirmed.
   * @param yaml the text, or that in mode monitor
   */
  async save({ text, loaded }: Pick<Target, 'text' | 'loaded'>, yaml: string): Promise<void> {
    const domain = loaded?.domain ?? ''
    const replace = loaded !== undefined
    const refusal = await this.#failures(this.call('AddTracingPolicy', { yaml, domain, replace }))
    if (refusal === undefined) this.editor.saved(text, yaml, loaded?.key ?? '')
    else this.editor.refuse(text, yaml, refusal)
    await this.refresh()
  }

  /** Deletes a policy from all nodes. */
  async delete({ name, namespace, domain }: ListedPolicy): Promise<void> {
    await this.#change(this.call('DeleteTracingPolicy', { name, namespace, domain }))
  }

  async #change(answers: Promise<Answer<object>[]>): Promise<void> {
    this.refusal.value = await this.#failures(answers)
    await this.refresh()
  }

  /** Why agents have refused a change, with their nodes; undefined if none has. */
  async #failures(answers: Promise<Answer<object>[]>): Promise<string | undefined> {
    try {
      const failed = (await answers).filter(({ failure }) => failure !== undefined)
      const texts = failed.map(({ node, failure }) => `${node === '' ? '' : `${node}: `}${failure}`)
      return texts.length === 0 ? undefined : texts.join('\n')
    } catch (error) {
      return (error as Error).message
    }
  }

  /** Shows everything about a policy. @param key empty: about none */
  select(key: string): void {
    if (key === this.selected.value) return
    this.refusal.value = undefined
    this.selected.value = key
    this.openHook.value = ''
    this.refresh()
  }

  /** Looks at the agents now and then. @returns ends that */
  watch(): () => void {
    return watch(() => this.refresh(), refreshMs)
  }

  /** Looks at the agents. */
  async refresh(): Promise<void> {
    const number = ++this.#refreshes
    // An answer to an earlier question may come later, and not know of a change.
    const isOld = (): boolean => number !== this.#refreshes
    try {
      const answers = await this.call('ListTracingPolicies', {})
      const { policies, missing } = listPolicies(answers)
      if (isOld()) return
      this.agents.value = answers.length - missing.length
      this.policies.value = policies
      this.missing.value = missing
      this.failure.value = undefined
    } catch (error) {
      if (isOld()) return
      this.failure.value = (error as Error).message
    }
    // Agents of the original do not have these.
    const losses = await this.call('GetLosses', {}).then(sumLosses, () => ({}))
    if (isOld()) return
    this.losses.value = losses
    const isTextShown = this.selected.value !== '' || this.editor.draft.value !== undefined
    if (!isTextShown) return
    const texts = await this.#readTexts()
    if (!isOld()) this.texts.value = texts
  }

  /** Texts of policies may be long: they are read while one is shown. */
  async #readTexts(): Promise<ReadonlyMap<string, string>> {
    try {
      const answers = await this.call('GetPolicies', {})
      const all = answers.flatMap(({ response }) => response?.policies ?? [])
      return new Map(all.map((policy) => [keyOf(policy), policy.yaml ?? '']))
    } catch {
      // Agents of the original do not have the call.
      return new Map()
    }
  }
}

function sumLosses(answers: readonly Answer<GetLossesResponse>[]): Losses {
  const sums: Record<string, bigint> = {}
  for (const { response } of answers) {
    for (const [kind, count] of Object.entries(lossesOf(response) ?? {})) {
      if (count > 0n) sums[kind] = (sums[kind] ?? 0n) + count
    }
  }
  return sums
}
