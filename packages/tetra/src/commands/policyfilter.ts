import { stat } from 'node:fs/promises'
import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { defineGroup } from '../define-group.ts'
import { meaningless } from './meaningless.ts'
import { takeOperands } from './operands.ts'

const parent = 'policyfilter'
const reason =
  'this agent has no pinned table of policies by control group: the programs of a policy test ' +
  'which processes it applies to; see tetra debug maps'

/** `tetra policyfilter cgroupid FOLDER` */
const cgroupid = defineCommand({
  name: 'cgroupid',
  parent,
  summary: 'Show the id of a control group; needs no agent',
  operands: 'FOLDER',
  options: {},
  examples: [['tetra policyfilter cgroupid /sys/fs/cgroup/system.slice', 'Its id in events']],
  run: async ({ operands, streams }) => {
    const [folder] = takeOperands(operands, ['FOLDER'])
    // The id is the inode number of the folder (kernfs_id, include/linux/kernfs.h).
    const { ino } = await stat(folder, { bigint: true }).catch((error: Error) => {
      throw new Error(`find control group: ${error.message}`)
    })
    streams.stdout.write(`${ino}\n`)
    return 0
  },
})

/** `tetra policyfilter` */
export const policyfilter: Command = defineGroup({
  name: 'policyfilter',
  hidden: true,
  summary: 'Inspect the table of policies by control group',
  examples: [['tetra policyfilter cgroupid /sys/fs/cgroup', 'The id of the root']],
  commands: [
    cgroupid,
    meaningless({ name: 'dump', parent, summary: 'Show the table', reason }),
    meaningless({
      name: 'add',
      parent,
      summary: 'Add an entry',
      operands: 'POLICYID CGROUP',
      options: {
        'arg-type': {
          kind: 'text',
          value: 'TYPE',
          default: 'file',
          choices: ['file', 'id'],
          help: 'What CGROUP is',
        },
      },
      reason,
    }),
    meaningless({
      name: 'listpolicies',
      parent,
      summary: 'Show the policies of a container',
      operands: 'CONTAINERID',
      options: {
        'runtime-endpoint': {
          kind: 'text',
          short: 'r',
          value: 'SOCKET',
          default: '',
          help: 'Socket of the container runtime',
        },
        'cgroup-mount': {
          kind: 'text',
          value: 'FOLDER',
          default: '',
          help: 'Where control groups are',
        },
      },
      reason,
    }),
  ],
})
