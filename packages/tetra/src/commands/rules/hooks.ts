import { escapeUnprintable, findingLevels } from '@tetragon-ts/api'
import type { HookFilter } from '@tetragon-ts/rules'
import { optionalChoice } from '@tetragon-ts/service/options'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { printDiagnostics, readRuleFiles } from '../../rules/read-rule-files.ts'
import { tableLines } from '../../table.ts'

/** A hook as the command prints it. */
interface ShownHook {
  readonly hook: string
  readonly rules: number
  readonly passes_all: boolean
  /** Number of alternatives that the kernel tests. */
  readonly alternatives: number
  /** Titles of the rules that need all calls. */
  readonly unfiltered: readonly string[]
}

/** `tetra rules hooks FILE…` */
export const hooks = defineCommand({
  name: 'hooks',
  parent: 'rules',
  summary: 'Show which calls of each hook the kernel passes to rules',
  operands: 'FILE|FOLDER...',
  description:
    'The agent attaches each hook once for all rules that need it. The kernel passes calls that one of\n' +
    'them can match; "all" costs the agent time for each call, and the rules that need that are\n' +
    'listed. Rules with errors are left out.',
  options: {
    'min-level': optionalChoice({
      value: 'LEVEL',
      choices: findingLevels,
      help: 'Only rules of this level or above, and those that their correlations use',
    }),
    output: outputOption('one object per hook and line'),
  },
  examples: [
    ['tetra rules hooks policies/rules --min-level low', 'Show what the default rules need'],
  ],
  run: async ({ values, operands, streams }) => {
    const { fromLevel, hookFilters, passesAll } = await import('@tetragon-ts/rules')
    const read = await readRuleFiles(operands, streams)
    const linked = fromLevel(read.linked, () => values['min-level'])
    const found = hookFilters(linked).map((each) => shown(each, passesAll(each.filter)))
    const lines =
      values.output === 'json'
        ? found.map(jsonLine)
        : tableLines(
            [['HOOK', 'RULES', 'PASSES', 'BECAUSE OF'], ...found.map(cells)],
            new Set([1]),
          ).map((line) => `${escapeUnprintable(line)}\n`)
    for (const line of lines) streams.stdout.write(line)
    const errors = await printDiagnostics(read.diagnostics, streams.stderr)
    return errors + read.unreadable > 0 ? 1 : 0
  },
})

function shown({ hook, rules, filter, unfiltered }: HookFilter, passes_all: boolean): ShownHook {
  return {
    ...{ hook, rules: rules.length, passes_all },
    alternatives: passes_all ? 0 : filter.length,
    unfiltered: unfiltered.map(({ title }) => title),
  }
}

function cells({ hook, rules, passes_all, alternatives, unfiltered }: ShownHook): string[] {
  if (!passes_all) return [hook, String(rules), `${alternatives} alternatives`, '']
  const reason = unfiltered.length === 0 ? 'too many tests together' : unfiltered.join(', ')
  return [hook, String(rules), 'all', reason]
}
