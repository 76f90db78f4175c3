import type { findingLevels } from '@tetragon-ts/api'
import { writeYaml } from '@tetragon-ts/policy/yaml'
import { detectionOf } from './detection.ts'
import type { FalcoRule } from './falco-rule.ts'
import type { Term } from './term.ts'
import type { View } from './views/view.ts'

/** Longest title of a rule in Sigma. */
const longestTitle = 256

const levels: Readonly<Record<string, (typeof findingLevels)[number]>> = {
  ...{ emergency: 'critical', alert: 'critical', critical: 'critical', error: 'high' },
  ...{ warning: 'medium', notice: 'low', informational: 'informational' },
  ...{ info: 'informational', debug: 'informational' },
}

/** What a rule in Sigma is written from. */
export interface WrittenRule {
  readonly rule: FalcoRule
  readonly view: View
  readonly term: Term
  /** Names of fields that the output of the rule shows. */
  readonly fields: readonly string[]
  /** Whether other rules come from the same one. */
  readonly isOneOfSeveral: boolean
}

/** Writes a rule in Sigma's language. */
export function writeRule({ rule, view, term, fields, isOneOfSeveral }: WrittenRule): string {
  const end = isOneOfSeveral ? ` (${variant(view)})` : ''
  const { condition, ...identifiers } = detectionOf(term)
  return writeYaml(
    {
      title: `${rule.name.slice(0, longestTitle - end.length)}${end}`,
      name: `falco_${`${rule.name}${end}`.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`.slice(0, 256),
      ...(rule.description === '' ? {} : { description: rule.description.replace(/\s+/g, ' ') }),
      level: levels[rule.priority.toLowerCase()] ?? 'medium',
      ...(rule.tags.length === 0 ? {} : { tags: [...new Set(rule.tags.map(tagOf))] }),
      logsource: { product: 'linux', category: view.category },
      detection: { ...identifiers, condition },
      ...(fields.length === 0 ? {} : { fields }),
    },
    { lineWidth: 100 },
  )
}

/** Added to the title if several rules have the same name. */
function variant({ category, types }: View): string {
  return category === 'network_connection' || category === 'tetragon_hook' ? types[0] : category
}

/** Tactics and techniques have the namespace `attack.`, others that of their origin. */
function tagOf(tag: string): string {
  const text = tag.toLowerCase()
  if (/^t\d{4}(?:\.\d{3})?$/.test(text)) return `attack.${text}`
  const [, tactic] = /^mitre_(.+)$/.exec(text) ?? []
  if (tactic !== undefined) return `attack.${tactic.replaceAll('_', '-')}`
  return `falco.${text.replace(/[^a-z0-9._-]/g, '-')}`
}
