import { findingLevels } from '@tetragon-ts/api'
import { flag, optionalChoice, text } from '@tetragon-ts/service/options'
import { counted } from '../../counted.ts'
import { defineCommand } from '../../define-command.ts'
import { EventReader } from '../../events/event-reader.ts'
import { openLog } from '../../events/open-log.ts'
import { pump } from '../../events/pump.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { findingJson, findingLines } from '../../rules/finding.ts'
import { printDiagnostics, readRuleFiles } from '../../rules/read-rule-files.ts'

/** `tetra rules test FILE… --log EVENTS` */
export const test = defineCommand({
  name: 'test',
  parent: 'rules',
  summary: 'Show what rules find in recorded events',
  operands: 'FILE|FOLDER...',
  description:
    'Reads events as the agent exports them, one JSON object per line, and prints each finding with the\n' +
    'fields that made the rule match. The exit code is 1 if a rule has an error; the others are tested.',
  options: {
    log: text({
      short: 'l',
      value: 'FILE',
      default: '-',
      help: 'Recorded events; - is standard input',
    }),
    output: outputOption('one object per finding and line'),
    'min-level': optionalChoice({
      value: 'LEVEL',
      choices: findingLevels,
      help: 'Only findings of this level or above',
    }),
    excepted: flag({ help: 'Also show matches that a filter excepts' }),
  },
  examples: [
    [
      'tetra rules test rules/ --log /var/log/tetragon/tetragon.log',
      'Try rules on the export file',
    ],
    ['tetra getevents | tetra rules test rules/', 'Try them on live events'],
  ],
  run: async ({ values, operands, streams }) => {
    const read = await readRuleFiles(operands, streams)
    const errors = (await printDiagnostics(read.diagnostics, streams.stderr)) + read.unreadable
    const { RuleTest } = await import('../../rules/test-events.ts')
    const trial = new RuleTest(read.linked)
    const least =
      values['min-level'] === undefined ? -1 : findingLevels.indexOf(values['min-level'])
    let pending = ''
    const reader = new EventReader(() => true, {
      add({ event }) {
        for (const finding of trial.see(event)) {
          const isExcepted = finding.kind === 'rule' && finding.suppressedBy !== undefined
          const { level } = finding.kind === 'rule' ? finding.rule : finding.correlation
          if (isExcepted && !values.excepted) continue
          if (least >= 0 && (level === undefined || findingLevels.indexOf(level) < least)) continue
          const isJson = values.output === 'json'
          pending += isJson
            ? jsonLine(findingJson(finding))
            : `${findingLines(finding).join('\n')}\n`
        }
      },
      take() {
        const taken = pending
        pending = ''
        return taken
      },
    })
    await pump(
      values.log === '-' ? streams.stdin : await openLog(values.log),
      streams.stdout,
      reader,
    )
    streams.stderr.write(reader.report())
    const sum = (counts: ReadonlyMap<string, number>): number => {
      return [...counts.values()].reduce((total, each) => total + each, 0)
    }
    const { late, withoutValue, droppedGroups } = trial.counts
    const uncounted = late + withoutValue + droppedGroups
    const parts = [
      counted(trial.events, 'event'),
      `${counted(sum(trial.found), 'finding')} of ${counted(trial.found.size, 'rule')}`,
      `${sum(trial.suppressed)} excepted by filters`,
      ...(uncounted > 0 ? [`${uncounted} not counted by correlations`] : []),
    ]
    streams.stderr.write(`${parts.join(', ')}\n`)
    return errors > 0 ? 1 : 0
  },
})
