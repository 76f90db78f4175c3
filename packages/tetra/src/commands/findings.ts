import { compactPrinter, findingLevels } from '@tetragon-ts/api'
import { compileFilters } from '@tetragon-ts/policy/filters'
import { choice, flag, text } from '@tetragon-ts/service/options'
import { nodeLabels } from '../cluster/node-labels.ts'
import type { Streams } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { EventReader } from '../events/event-reader.ts'
import { eventSource } from '../events/event-source.ts'
import { jsonOutput } from '../events/json-output.ts'
import { openLog } from '../events/open-log.ts'
import { textOutput } from '../events/output.ts'
import { pump } from '../events/pump.ts'
import { useColour } from '../events/use-colour.ts'
import { followAgent, followOptions } from './follow-agent.ts'

/** `tetra findings` */
export const findings = defineCommand({
  name: 'findings',
  summary: 'Print what detection rules find',
  description:
    'Follows the events that a detection rule of the agent matches (--rules, --rules-dir of tetragon).\n' +
    'Below each event are its findings: level, title, techniques of ATT&CK, and the fields that matched.\n' +
    'With --log, or if standard input is not a terminal, reads them from exported events instead.',
  options: {
    output: choice({
      short: 'o',
      value: 'FORMAT',
      default: 'compact',
      choices: ['compact', 'json'],
      help: 'Output format; json is one event per line',
    }),
    'min-level': choice({
      value: 'LEVEL',
      choices: findingLevels,
      default: 'informational',
      help: 'Only findings of this level or above',
    }),
    color: choice({
      value: 'WHEN',
      default: 'auto',
      choices: ['auto', 'always', 'never'],
      help: 'Colours in compact output',
    }),
    timestamps: flag({ help: 'Begin each event with its time (UTC)' }),
    log: text({
      short: 'l',
      value: 'FILE',
      help: 'Recorded events instead of those of the agent; - is standard input',
    }),
    ...followOptions,
  },
  examples: [
    ['tetra findings --min-level medium', 'Follow the findings of this machine that matter'],
    ['tetragon --rules rules/ | tetra findings', "Show those of an agent of one's own"],
    ['tetra findings --log /var/log/tetragon/tetragon.log', 'Show those of the last hours'],
    ['tetra --cluster findings -o json', 'Follow the findings of all nodes of a cluster'],
  ],
  run: async ({ values, streams }) => {
    const filter = { finding_level: values['min-level'] }
    const terminal = streams.stdout.isTTY === true
    const print = compactPrinter({
      colour: useColour(values.color, terminal),
      timestamps: values.timestamps,
      details: true,
      findings: values['min-level'],
    })
    const label = values.cluster ? nodeLabels() : () => ''
    const output =
      values.output === 'json'
        ? jsonOutput({ include: [], exclude: [] }, terminal)
        : textOutput(({ event }) => label(event.response.node_name) + print(event))
    const isLive = values.log === '' && (values.cluster || (await isOfAgent(values, streams)))
    if (isLive) return followAgent(values, { allow_list: [filter] }, output, streams)
    const reader = new EventReader(compileFilters([filter], []), output)
    const input =
      values.log === '-' || values.log === '' ? streams.stdin : await openLog(values.log)
    if ((await pump(input, streams.stdout, reader)) === 'input_ended') {
      streams.stderr.write(reader.report())
    }
    return 0
  },
})

/** As for `tetra getevents`. */
async function isOfAgent(
  { 'server-address': address }: { readonly 'server-address': string },
  streams: Streams,
): Promise<boolean> {
  return (await eventSource(address, streams)) === 'agent'
}
