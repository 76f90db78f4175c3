import { list, text } from '@tetragon-ts/service/options'
import type { Command } from '../command.ts'
import { connectionOptions } from '../connection/connection-options.ts'
import { withAgent } from '../connection/with-agent.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { readNameValue } from '../name-value.ts'
import { UsageError } from '../usage-error.ts'

const createContainer = defineCommand({
  name: 'create-container',
  parent: 'rthooks',
  summary: 'Report a new container to an agent, as hooks of container runtimes do',
  description:
    'The agent reads the files of the runtime, so it needs this only where it cannot reach them. ' +
    'When the command ends, events of the container have the pod that the annotations name.',
  options: {
    'container-id': text({ value: 'ID', help: 'Id of the container' }),
    'root-dir': text({ value: 'FOLDER', help: 'Its root folder' }),
    annotations: list({ value: 'NAME=VALUE', each: readNameValue, help: 'Its annotations' }),
    ...connectionOptions,
  },
  examples: [['tetra rthooks create-container --container-id abc', 'Test what an agent does']],
  run: async ({ values }) => {
    const id = values['container-id']
    if (id === '') throw new UsageError('--container-id is missing')
    const request = {
      createContainer: {
        containerID: id,
        rootDir: values['root-dir'],
        annotations: Object.fromEntries(values.annotations),
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
