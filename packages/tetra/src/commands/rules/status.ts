import { escapeUnprintable, type FilterStatus, type ListRulesResponse } from '@tetragon-ts/api'
import { expiresSoon, filterExpiry } from '@tetragon-ts/rules'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { counted } from '../../counted.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { exceptionText } from '../../rules/exception-text.ts'
import { tableLines } from '../../table.ts'
import { rulePolicyLines } from './rule-policy-lines.ts'

/** `tetra rules status` */
export const status = defineCommand({
  name: 'status',
  parent: 'rules',
  summary: 'Show the rules in force, and what they found',
  description:
    'Numbers of findings are those since the start of the agent, the rules with most of them first.\n' +
    'The last lines are about the policies that the agent has made for rules; --rules of\n' +
    '`tetra tracingpolicy list` shows each.\n' +
    'Rules that are left out because of an error are on standard error.',
  options: { output: outputOption('the whole answer'), ...connectionOptions },
  examples: [['tetra rules status', 'Show which rules find much, or nothing']],
  run: async ({ values, streams }) => {
    const answer = await withAgent(values, (agent) => agent.call('ListRules', {}))
    if (values.output === 'json') {
      streams.stdout.write(jsonLine(answer))
      return 0
    }
    for (const line of lines(answer)) streams.stdout.write(`${escapeUnprintable(line)}\n`)
    for (const line of answer.left_out ?? []) streams.stderr.write(`${escapeUnprintable(line)}\n`)
    return 0
  },
})

/** As the agent decides it for its log. */
function endsSoon({ expires = '' }: FilterStatus): boolean {
  return expiresSoon({ expires: filterExpiry(expires) }, Date.now())
}

function lines(answer: ListRulesResponse): string[] {
  const { rules = [], excepted, repeated, too_many: tooMany, policies = [], filters = [] } = answer
  if (rules.length === 0 && answer.starting) {
    return ['the agent reads its first detection rules; events wait for them']
  }
  if (rules.length === 0) return ['no detection rules are in force']
  const hasActions = rules.some(({ action }) => action)
  const rows = [...rules]
    .sort((a, b) => Number(b.findings ?? 0) - Number(a.findings ?? 0))
    .map(
      ({ findings = '0', level, techniques = [], source = '', title = '', file = '', ...rest }) => {
        const { action, not_enforced: reasons = [] } = rest
        const done = action && reasons.length > 0 ? `no ${action}` : action
        const first = [String(findings), level || '-', techniques.join(',') || '-']
        return [...first, ...(hasActions ? [done || '-'] : []), source, title, file]
      },
    )
  const actions = hasActions ? ['ACTION'] : []
  const head = ['FINDINGS', 'LEVEL', 'TECHNIQUES', ...actions, 'SOURCE', 'TITLE', 'FILE']
  const hidden = [
    [excepted, 'excepted by filters'],
    [repeated, 'repeated'],
    [tooMany, 'beyond the room of an event'],
  ].flatMap(([count, what]) => (Number(count ?? 0) > 0 ? `${count} ${what}` : []))
  return [
    ...tableLines([head, ...rows], new Set([0])),
    `${counted(rules.length, 'rule')} in force`,
    ...rulePolicyLines(policies),
    ...filters.filter(endsSoon).map(({ title = '', expired = false, ...terms }) => {
      return `exception ${exceptionText({ ...terms, title, expired })}`
    }),
    ...rules.flatMap(({ title = '', unseen = [] }) => {
      return unseen.map((reason) => `${title} does not see ${reason}`)
    }),
    ...rules.flatMap(({ title = '', action = '', not_enforced: reasons = [] }) => {
      return reasons.map((reason) => `${title}: ${action} is not in force: ${reason}`)
    }),
    ...(hidden.length > 0 ? [`not in events: ${hidden.join(', ')}`] : []),
  ]
}
