import { escapeUnprintable, type ListRulesResponse, type RuleStatus } from '@tetragon-ts/api'
import { optionalChoice } from '@tetragon-ts/service/options'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { tableLines } from '../../table.ts'

const orders = ['findings', 'excepted', 'evaluations'] as const

/** Numbers of a rule since the start of the agent. */
interface RuleStats {
  readonly rule: string
  readonly title: string
  readonly level: string
  readonly findings: number
  readonly repeated: number
  readonly too_many: number
  readonly excepted: number
  readonly filters: readonly { filter: string; title: string; count: number; last: string }[]
  readonly evaluations: number
  readonly last_finding: string
}

/** `tetra rules stats` */
export const stats = defineCommand({
  name: 'stats',
  parent: 'rules',
  summary: 'Show how often each rule in force matched, and what filters excepted',
  description:
    'FINDINGS are those since the start of the agent; REPEATED and OMITTED of them are in no event.\n' +
    'EXCEPTED are matches that filters except, which are below the rule. EVALUATED is how often the\n' +
    'condition was evaluated since the rules were read: what a rule costs besides the search for texts.',
  options: {
    sort: optionalChoice({
      value: 'NUMBER',
      choices: orders,
      help: 'Highest first, else findings',
    }),
    output: outputOption('one object per rule and line'),
    ...connectionOptions,
  },
  examples: [
    ['tetra rules stats', 'Which rules find much, and which filters hide much'],
    ['tetra rules stats --sort evaluations', 'Which rules cost most'],
  ],
  run: async ({ values, streams }) => {
    const answer = await withAgent(values, (agent) => agent.call('ListRules', {}))
    const order = values.sort ?? 'findings'
    const sorted = statsOf(answer).toSorted((a, b) => b[order] - a[order])
    const lines =
      values.output === 'json'
        ? sorted.map(jsonLine)
        : textLines(sorted).map((line) => `${escapeUnprintable(line)}\n`)
    for (const line of lines) streams.stdout.write(line)
    return 0
  },
})

function statsOf({ rules = [], filters = [] }: ListRulesResponse): RuleStats[] {
  const titles = new Map(filters.map(({ filter = '', title = '' }) => [filter, title]))
  return rules.map((each: RuleStatus) => {
    const excepted = (each.excepted ?? []).map(({ filter = '', count, last = '' }) => {
      return { filter, title: titles.get(filter) ?? filter, count: Number(count ?? 0), last }
    })
    return {
      ...{ rule: each.rule ?? '', title: each.title ?? '', level: each.level ?? '' },
      findings: Number(each.findings ?? 0),
      repeated: Number(each.repeated ?? 0),
      too_many: Number(each.too_many ?? 0),
      excepted: excepted.reduce((sum, { count }) => sum + count, 0),
      filters: excepted.toSorted((a, b) => b.count - a.count),
      evaluations: Number(each.evaluations ?? 0),
      last_finding: each.last_finding ?? '',
    }
  })
}

function textLines(stats: readonly RuleStats[]): string[] {
  if (stats.length === 0) return ['no detection rules are in force']
  const numbers = ['FINDINGS', 'REPEATED', 'OMITTED', 'EXCEPTED', 'EVALUATED']
  const rows = stats.map((each) => [
    ...[each.findings, each.repeated, each.too_many, each.excepted, each.evaluations].map(String),
    ...[each.last_finding || '-', each.level || '-', each.title],
  ])
  const head = [...numbers, 'LAST', 'LEVEL', 'TITLE']
  const [first, ...lines] = tableLines([head, ...rows], new Set(numbers.keys()))
  return [
    first,
    ...lines.flatMap((line, i) => [
      line,
      ...stats[i].filters.map(({ title, count, last }) => `  ${count} by ${title}, last ${last}`),
    ]),
  ]
}
