import type { ImageTest, Logic } from '@tetragon-ts/policy'
import { writeYaml } from '@tetragon-ts/policy/yaml'
import type { LinkedRule, LinkedRules } from '../link/link-rules.ts'
import { rulePolicyPrefix } from '../log-sources/kernel-hook.ts'
import type { KernelTest } from '../log-sources/kernel-test.ts'
import { expressionLines } from '../model/expression-text.ts'
import { ruleKey } from '../model/rule-key.ts'
import type { RulePolicy } from '../model/rule-policy.ts'
import type { BlockHook } from './block-hooks.ts'
import { type EnforcedRule, enforceRules } from './enforce-rules.ts'

type EnforcedHook = EnforcedRule['hooks'][number]

/** Tags of a hook, at most. */
const tagsMax = 16
/** Of a name without an id; Kubernetes allows 253 characters. */
const longestName = 60

/** Policies of rules that enforce: one for each, so that each has its own counters and message. */
export function enforcementPolicies(linked: LinkedRules): RulePolicy[] {
  const { rules: enforced } = enforceRules(linked)
  const names = new Set<string>()
  return linked.rules.flatMap((each) => {
    const { rule } = each
    const found = enforced.get(rule)
    if (found === undefined) return []
    const { action, hooks } = found
    const base = `${rulePolicyPrefix}${action}-${rule.id ?? slug(rule.title)}`
    let name = base
    for (let i = 2; names.has(name); i++) name = `${base}-${i}`
    names.add(name)
    return {
      name,
      hook: hooks.map(({ hook }) => (hook === 'exec' ? execEvent : hook.call)).join(', '),
      text: textOf(name, each, found),
      rules: [ruleKey(rule)],
      instead: [],
      enforces: {
        action,
        conditions: hooks.map(({ hook, selectors }) => [
          ...(isExcluding(hook) ? [undefined] : []),
          ...selectors.map(({ images }): Logic<ImageTest> | undefined => {
            return images.length === 0 ? undefined : { kind: 'and', of: images }
          }),
        ]),
      },
    }
  })
}

/** Whether the first selector is about calls that do not belong to the log source. */
function isExcluding(hook: EnforcedHook['hook']): hook is BlockHook & { never: KernelTest } {
  return hook !== 'exec' && hook.never !== undefined
}

const execEvent = 'sched_process_exec'

function slug(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? ['rule']
  return words.join('-').slice(0, longestName).replace(/-$/, '')
}

/**
 * The policy without conditions on programs, which policies cannot express: as it is written,
 * selectors with these match no process.
 */
function textOf(name: string, { rule, filters }: LinkedRule, { hooks }: EnforcedRule): string {
  const { title, level, techniques } = rule
  const tags = techniques.map((each) => `attack.${each.toLowerCase()}`)
  const head = {
    // Messages have two bytes at least.
    message: title.length < 2 ? `rule ${title}` : title,
    tags: [...tags.slice(0, tagsMax - 1), ...(level === undefined ? [] : [`level.${level}`])],
  }
  const isKill = hooks.some(({ hook }) => hook === 'exec')
  const policy = {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name },
    spec: {
      options: [{ name: 'unreadable-arguments', value: 'allow' }],
      [isKill ? 'tracepoints' : 'kprobes']: hooks.map((each) => ({
        ...placeOf(each.hook),
        ...head,
        selectors: selectorsOf(each, isKill),
      })),
    },
  }
  const conditions = [rule.condition, ...filters.map(({ condition }) => condition)]
  const lines = conditions.flatMap((each) => expressionLines(each, '  '))
  const comments = ['The agent uses conditions on programs of this rule in selectors:', ...lines]
  const shown = comments.map((line) => `# ${line.replace(/[^\x20-\x7e]/g, '?')}\n`).join('')
  return shown + writeYaml(policy, { aliasDuplicateObjects: false })
}

function placeOf(hook: EnforcedHook['hook']): object {
  if (hook === 'exec') return { subsystem: 'sched', event: execEvent, raw: true }
  return { call: hook.call, syscall: false, args: hook.args }
}

function selectorsOf({ hook, selectors }: EnforcedHook, isKill: boolean): object[] {
  const action = isKill ? { action: 'Sigkill' } : { action: 'Override', argError: -1 }
  const written = ({ argument, operator, values }: KernelTest) => {
    return { args: [argument], operator, values }
  }
  const excluded = isExcluding(hook)
    ? [{ matchArgs: [written(hook.never)], matchActions: [{ action: 'NoPost' }] }]
    : []
  return [
    ...excluded,
    ...selectors.map(({ tests, images }) => ({
      ...(images.length > 0 ? { matchPIDs: [{ operator: 'In', values: [0] }] } : {}),
      ...(tests.length > 0 ? { matchArgs: tests.map(written) } : {}),
      matchActions: [action],
    })),
  ]
}
