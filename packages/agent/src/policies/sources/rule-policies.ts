import type { ActionState } from '@tetragon-ts/api'
import { readPolicies } from '@tetragon-ts/policy'
import type { RulePolicy } from '@tetragon-ts/rules'
import { SerialQueue } from '@tetragon-ts/service/queue'
import { AgentError } from '../../error.ts'
import type { ActionStates } from '../../rules/rule-actions.ts'
import type { RuleGap } from '../../rules/rules-in-force.ts'
import { PolicyError } from '../kernel/policy-error.ts'
import type { PolicyEntry } from '../registry/policy-entry.ts'
import { type PolicyOrigin, rulesDomain } from '../registry/policy-origin.ts'
import type { PolicyRegistry } from '../registry/policy-registry.ts'
import type { PolicySource } from './policy-source.ts'

/** Policies that detection rules need: loaded with the rules, and removed with them. */
export class RulePolicies implements PolicySource {
  readonly title = 'policies of detection rules'
  readonly #origin: PolicyOrigin = {
    domain: rulesDomain,
    owner: 'it belongs to detection rules: change these instead',
    changed: () => this.#reportActions(),
  }
  readonly #changes = new SerialQueue()
  /** Names of policies whose hook the kernel does not offer: others are loaded instead. */
  readonly #refused = new Set<string>()
  /** Gets which actions of rules are in force, after each change. */
  onActions: ((states: ActionStates) => void) | undefined
  /** Those that enforce rules. */
  #enforcing: readonly RulePolicy[] = []
  #registry: PolicyRegistry | undefined
  #isClosed = false

  async start(registry: PolicyRegistry): Promise<void> {
    registry.register(this.#origin)
    this.#registry = registry
  }

  close(): void {
    this.#isClosed = true
  }

  /**
   * Loads the policies of the rules that are in force now, replaces those that have changed, and
   * then removes the others.
   * @returns what could not be hooked: rules do not see calls of it
   */
  use(policies: readonly RulePolicy[]): Promise<readonly RuleGap[]> {
    return this.#changes.run(async () => {
      const registry = this.#registry
      if (registry === undefined || this.#isClosed) return []
      const wanted = new Set<string>()
      const unseen: RuleGap[] = []
      for (const policy of policies) unseen.push(...(await this.#load(registry, policy, wanted)))
      for (const { id } of registry.entriesOf(this.#origin)) {
        if (!wanted.has(id.name) && !this.#isClosed) await registry.withdraw(this.#origin, id)
      }
      this.#enforcing = policies.filter(({ enforces }) => enforces !== undefined)
      this.#reportActions()
      return unseen
    })
  }

  #reportActions(): void {
    const entries = new Map(
      this.#registry?.entriesOf(this.#origin).map((each) => [each.id.name, each]),
    )
    const states = new Map<string, ActionState>()
    for (const { name, rules } of this.#enforcing) {
      const state = actionState(entries.get(name))
      // Rules without id and name may have the same title.
      for (const rule of rules) {
        const other = states.get(rule) ?? state
        states.set(rule, other === state ? state : 'partly_in_force')
      }
    }
    this.onActions?.(states)
  }

  async #load(
    registry: PolicyRegistry,
    policy: RulePolicy,
    wanted: Set<string>,
  ): Promise<readonly RuleGap[]> {
    const { name, instead } = policy
    if (!this.#refused.has(name)) {
      const unseen = await this.#put(registry, policy, wanted)
      if (unseen === undefined) return []
      if (instead.length === 0) return [unseen]
      this.#refused.add(name)
    }
    wanted.delete(name)
    const unseen: RuleGap[] = []
    for (const other of instead) unseen.push(...(await this.#load(registry, other, wanted)))
    return unseen
  }

  /** @returns why it could not be loaded */
  async #put(
    registry: PolicyRegistry,
    { name, hook, text, rules, enforces }: RulePolicy,
    wanted: Set<string>,
  ): Promise<RuleGap | undefined> {
    wanted.add(name)
    try {
      if (this.#isClosed) throw new Error('the agent is stopping')
      const { documents, diagnostics } = readPolicies(text, name)
      const error = diagnostics.find(({ severity }) => severity === 'error')
      if (error !== undefined) throw new AgentError('AGENT_POLICY', error.message)
      for (const document of documents) {
        const whole = enforces ? document.withImages(enforces.conditions) : document
        await registry.put(this.#origin, whole)
      }
      return undefined
    } catch (error) {
      return { what: hook, rules, reason: reasonOf(error as Error), action: enforces?.action }
    }
  }
}

/** Whether the policy of a rule executes its action. */
function actionState(entry: PolicyEntry | undefined): ActionState {
  if (!entry?.isEnabled) return 'not_in_force'
  if (entry.effectiveMode !== 'TP_MODE_ENFORCE') return 'monitor'
  return entry.status().state === 'TP_STATE_ENABLED' ? 'in_force' : 'partly_in_force'
}

/** The first error of a diagnosis, without its position in a text that the user has not written. */
function reasonOf(error: Error): string {
  const diagnostics = error instanceof PolicyError ? error.diagnostics : []
  return diagnostics.find(({ severity }) => severity === 'error')?.message ?? error.message
}
