import type { Command } from '../../command.ts'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { withCommands } from '../../define-group.ts'
import { takeOperands } from '../operands.ts'
import { kernelSettings, probeNames } from './features.ts'
import { parseKernelConfig, readKernelConfig } from './kernel-config.ts'

/** `tetra probe config` */
const config = defineCommand({
  name: 'config',
  parent: 'probe',
  summary: "Show settings of this machine's kernel that matter; needs no agent",
  options: {},
  examples: [['tetra probe config', 'How the kernel was built']],
  run: async ({ operands, streams }) => {
    takeOperands(operands, [])
    const settings = parseKernelConfig((await readKernelConfig()).text)
    const isOn = (name: string): boolean => ['y', 'm'].includes(settings.get(name) ?? 'n')
    streams.stdout.write(kernelSettings.map((name) => `${name}: ${isOn(name)}\n`).join(''))
    return 0
  },
})

/** `tetra probe` */
const features = defineCommand({
  name: 'probe',
  summary: 'Show what the kernel under the agent offers',
  description:
    'The agent finds out by trying. `unknown` is what it does not try, since it needs it for nothing.',
  options: connectionOptions,
  examples: [
    ['tetra probe', 'Ask the agent of this machine'],
    ['tetra probe config', 'How the kernel was built'],
  ],
  run: async ({ values, operands, streams }) => {
    takeOperands(operands, [])
    const { probes = [] } = await withAgent(values, (agent) => agent.call('GetInfo', {}))
    const answers = new Map(probes.map(({ Name, Enabled }) => [Name, Enabled]))
    const lines = probeNames.map((name) => `${name}: ${answers.get(name) ?? 'unknown'}\n`)
    streams.stdout.write(lines.join(''))
    return 0
  },
})

export const probe: Command = withCommands(features, [config])
