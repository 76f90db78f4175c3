import { type DistinctKernel, distinctKernels } from '@tetragon-ts/api'
import { text } from '@tetragon-ts/service/options'
import { agentsOptions } from '../agents/agents-options.ts'
import { openAgents } from '../agents/open-agents.ts'
import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { jsonLine } from '../json-text.ts'
import { saveKernels } from '../kernels/save-kernels.ts'
import { outputOption } from '../output-option.ts'
import { humanBytes, tableLines } from '../table.ts'

/** Maximum number of nodes that a line names. */
const namedMax = 10

/** `tetra kernels` */
export const kernels: Command = defineCommand({
  name: 'kernels',
  summary: 'List the different kernels of nodes, and save their descriptions',
  description:
    'Each agent describes its kernel. Nodes with the same description are one line, so their kernels\n' +
    'are alike for policies. With --save, each description is written to a file for\n' +
    '"tetra tracingpolicy validate --kernel". The exit code is 1 if a node does not answer.',
  options: {
    output: outputOption('one object per kernel and line'),
    save: text({ value: 'FOLDER', help: 'Write a file for each kernel into this folder' }),
    ...agentsOptions,
  },
  examples: [
    ['tetra --cluster kernels', 'The kernels of all nodes of a cluster'],
    ['tetra --cluster kernels --save fleet/', 'Their descriptions, to check policies'],
  ],
  run: async ({ values, streams }) => {
    using agents = await openAgents(values, streams)
    const answers = await agents.call('GetKernel', {})
    const found = distinctKernels(answers)
    let failures = 0
    const report = (line: string): void => {
      failures++
      streams.stderr.write(`tetra: ${line}\n`)
    }
    for (const { node, failure } of answers) {
      if (failure !== undefined) report(`node ${node}: ${failure.split('\n')[0]}`)
    }
    if (values.output === 'json') for (const each of found) streams.stdout.write(jsonLine(each))
    else streams.stdout.write(tableOf(found, agents.hasNodes))
    if (values.save !== '') {
      const paths = await saveKernels(found, agents, values.save, report)
      for (const path of paths) streams.stderr.write(`saved ${path}\n`)
    }
    return failures > 0 ? 1 : 0
  },
})

function tableOf(all: readonly DistinctKernel[], hasNodes: boolean): string {
  const header = ['KERNEL', 'HASH', 'SIZE', ...(hasNodes ? ['NODES', 'NAMES'] : [])]
  const rows = all.map(({ release, hash, size, nodes }) => [
    ...[release, hash.slice(0, 12), humanBytes(size)],
    ...(hasNodes ? [String(nodes.length), namesOf(nodes)] : []),
  ])
  return `${tableLines([header, ...rows]).join('\n')}\n`
}

function namesOf(nodes: readonly string[]): string {
  const more = nodes.length - namedMax
  return `${nodes.slice(0, namedMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
