import { writeYaml } from '@tetragon-ts/policy/yaml'
import type { LinkedRule, LinkedRules } from '../link/link-rules.ts'
import { rulePolicyPrefix } from '../log-sources/kernel-hook.ts'
import { expressionLines } from '../model/expression-text.ts'
import type { RulePolicy } from '../model/rule-policy.ts'
import { enforceRules } from './enforce-rules.ts'

const prefix = `${rulePolicyPrefix}kill-`
/** Of a name without an id; Kubernetes allows 253 characters. */
const longestName = 60

/** Policies of rules that kill: one for each, so that each has its own counters and message. */
export function killPolicies(linked: LinkedRules): RulePolicy[] {
  const { rules: enforced } = enforceRules(linked)
  const names = new Set<string>()
  return linked.rules.flatMap((each) => {
    const { rule } = each
    const found = enforced.get(rule)
    if (found?.action !== 'kill') return []
    const base = `${prefix}${rule.id ?? slug(rule.title)}`
    let name = base
    for (let i = 2; names.has(name); i++) name = `${base}-${i}`
    names.add(name)
    return {
      name,
      hook: 'sched_process_exec',
      text: textOf(name, each),
      rules: [rule.id ?? rule.title],
      instead: [],
      enforces: { action: found.action, conditions: [found.condition] },
    }
  })
}

function slug(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? ['rule']
  return words.join('-').slice(0, longestName).replace(/-$/, '')
}

/**
 * The policy without the condition, which policies cannot express: as it is written, its selector
 * matches no process.
 */
function textOf(name: string, { rule, filters }: LinkedRule): string {
  const { title, level, techniques } = rule
  const tags = techniques.map((each) => `attack.${each.toLowerCase()}`)
  const policy = {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name },
    spec: {
      options: [{ name: 'unreadable-arguments', value: 'allow' }],
      tracepoints: [
        {
          subsystem: 'sched',
          event: 'sched_process_exec',
          raw: true,
          message: title,
          tags: [...tags, ...(level === undefined ? [] : [`level.${level}`])],
          selectors: [
            { matchPIDs: [{ operator: 'In', values: [0] }], matchActions: [{ action: 'Sigkill' }] },
          ],
        },
      ],
    },
  }
  const conditions = [rule.condition, ...filters.map(({ condition }) => condition)]
  const lines = conditions.flatMap((each) => expressionLines(each, '  '))
  const comments = [
    `The agent uses this condition of ${JSON.stringify(rule.file)} as selector:`,
    ...lines,
  ]
  const head = comments.map((line) => `# ${line.replace(/[^\x20-\x7e]/g, '?')}\n`).join('')
  return head + writeYaml(policy, { aliasDuplicateObjects: false })
}
