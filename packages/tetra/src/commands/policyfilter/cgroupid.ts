import { stat } from 'node:fs/promises'
import { defineCommand } from '../../define-command.ts'

/** `tetra policyfilter cgroupid FOLDER` */
export const cgroupid = defineCommand({
  name: 'cgroupid',
  parent: 'policyfilter',
  summary: 'Show the id of a control group; needs no agent',
  operands: 'FOLDER',
  options: {},
  examples: [['tetra policyfilter cgroupid /sys/fs/cgroup/system.slice', 'Its id in events']],
  run: async ({ operands, streams }) => {
    const [folder] = operands
    // The id is the inode number of the folder (kernfs_id, include/linux/kernfs.h).
    const { ino } = await stat(folder, { bigint: true }).catch((error: Error) => {
      throw new Error(`find control group: ${error.message}`)
    })
    streams.stdout.write(`${ino}\n`)
    return 0
  },
})
