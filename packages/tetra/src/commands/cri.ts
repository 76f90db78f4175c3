import { escapeUnprintable } from '@tetragon-ts/api'
import { choice, duration, type Options, text } from '@tetragon-ts/service/options'
import type { Command } from '../command.ts'
import { cgroupFolder, cgroupsPathOf } from '../cri/cgroup-path.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { jsonLine } from '../json-text.ts'

const parent = 'cri'

const options = {
  output: choice({
    short: 'o',
    value: 'FORMAT',
    default: 'raw',
    choices: ['raw', 'json'],
    help: 'Output format',
  }),
  'runtime-endpoint': text({
    short: 'r',
    value: 'SOCKET',
    help: 'Socket of the container runtime; default: the first well-known socket that exists',
  }),
  timeout: duration({ default: '30s', help: 'Time limit for a response' }),
} as const satisfies Options

const version = defineCommand({
  name: 'version',
  parent,
  summary: 'Show name and version of the container runtime',
  options,
  examples: [['tetra cri version', 'The runtime of this machine']],
  run: async ({ values, streams }) => {
    // Loaded on demand: the library is slow to load.
    const { callRuntime } = await import('../cri/call-runtime.ts')
    const answer = await callRuntime(values['runtime-endpoint'], values.timeout, 'Version', {})
    const { runtime_name = '', runtime_version = '' } = answer
    const raw = escapeUnprintable(`${runtime_name} ${runtime_version}`)
    streams.stdout.write(values.output === 'json' ? jsonLine(answer) : `${raw}\n`)
    return 0
  },
})

const cgroupPath = defineCommand({
  name: 'cgroup_path',
  parent,
  summary: 'Show the control group of a container',
  operands: 'CONTAINERID',
  options,
  examples: [['tetra cri cgroup_path 3c2a9f', 'Below /sys/fs/cgroup']],
  run: async ({ values, operands, streams }) => {
    const [container_id] = operands
    const { callRuntime } = await import('../cri/call-runtime.ts')
    const request = { container_id, verbose: true }
    const endpoint = values['runtime-endpoint']
    const { info = {} } = await callRuntime(endpoint, values.timeout, 'ContainerStatus', request)
    const path = cgroupFolder(cgroupsPathOf(info))
    const isJson = values.output === 'json'
    const raw = `${escapeUnprintable(path)}\n`
    streams.stdout.write(isJson ? jsonLine({ cgroup_path: path }) : raw)
    return 0
  },
})

/** `tetra cri` */
export const cri: Command = defineGroup({
  name: 'cri',
  summary: 'Query the container runtime of this machine',
  commands: [version, cgroupPath],
  examples: [['tetra cri version', 'Name and version']],
})
