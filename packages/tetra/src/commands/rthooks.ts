import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { UsageError } from '../usage-error.ts'
import { takeOperands } from './operands.ts'

function annotationsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const split = text.indexOf('=')
      if (split > 0) return [text.slice(0, split), text.slice(split + 1)]
      throw new UsageError(`parse --annotations: invalid value "${text}" (expected NAME=VALUE)`)
    }),
  )
}

const createContainer = defineCommand({
  name: 'create-container',
  parent: 'rthooks',
  summary: 'Report a new container to an agent, as hooks of container runtimes do',
  description:
    'The agent reads the files of the runtime, so it needs this only where it cannot reach them. ' +
    'When the command ends, events of the container have the pod that the annotations name.',
  options: {
    'container-id': { kind: 'text', value: 'ID', default: '', help: 'Id of the container' },
    'root-dir': { kind: 'text', value: 'FOLDER', default: '', help: 'Its root folder' },
    annotations: { kind: 'list', value: 'NAME=VALUE', help: 'Its annotations' },
    ...connectionOptions,
  },
  examples: [['tetra rthooks create-container --container-id abc', 'Test what an agent does']],
  run: async ({ values, operands }) => {
    takeOperands(operands, [])
    const id = values['container-id']
    if (id === '') throw new UsageError('--container-id is missing')
    const request = {
      createContainer: {
        containerID: id,
        rootDir: values['root-dir'],
        annotations: annotationsOf(values.annotations),
      },
    }
    await withAgent(values, (agent) => agent.call('RuntimeHook', request))
    return 0
  },
})

/** `tetra rthooks` */
export const rthooks: Command = defineGroup({
  name: 'rthooks',
  hidden: true,
  summary: 'Act as a hook of a container runtime',
  examples: [['tetra rthooks create-container --container-id abc', 'Test what an agent does']],
  commands: [createContainer],
})
