import type { Command } from '../../command.ts'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { withCommands } from '../../define-group.ts'
import { jsonLines } from '../../json-text.ts'
import { parseKernelConfig, readKernelConfig } from '../../kernel-config.ts'
import { outputOption } from '../../output-option.ts'
import { kernelSettings, probeNames } from './features.ts'

/** `tetra probe config` */
const config = defineCommand({
  name: 'config',
  parent: 'probe',
  summary: "Show relevant build options of this machine's kernel; needs no agent",
  options: {},
  examples: [['tetra probe config', 'Build options of the kernel']],
  run: async ({ streams }) => {
    const settings = parseKernelConfig((await readKernelConfig()).text)
    const isOn = (name: string): boolean => ['y', 'm'].includes(settings.get(name) ?? 'n')
    streams.stdout.write(kernelSettings.map((name) => `${name}: ${isOn(name)}\n`).join(''))
    return 0
  },
})

/** `tetra probe` */
const features = defineCommand({
  name: 'probe',
  summary: "Show the features of the agent's kernel",
  description:
    'The agent probes the kernel. Features that it does not use are not probed and shown as false;\n' +
    'JSON output distinguishes them (null) and includes features that only this agent probes.',
  options: { output: outputOption(), ...connectionOptions },
  examples: [
    ['tetra probe', 'Ask the agent of this machine'],
    ['tetra probe -o json', 'The same, with the features that were not probed'],
    ['tetra probe config', 'Build options of the kernel'],
  ],
  run: async ({ values, streams }) => {
    const { probes = [] } = await withAgent(values, (agent) => agent.call('GetInfo', {}))
    const answers = new Map(probes.map(({ Name, Enabled }) => [Name, Enabled]))
    if (values.output === 'json') {
      const names = new Set([...probeNames, ...answers.keys()])
      const features = [...names].map((name) => ({ name, enabled: answers.get(name) ?? null }))
      streams.stdout.write(jsonLines(features))
      return 0
    }
    const lines = probeNames.map((name) => `${name}: ${answers.get(name) ?? false}\n`)
    streams.stdout.write(lines.join(''))
    return 0
  },
})

export const probe: Command = withCommands(features, [config])
