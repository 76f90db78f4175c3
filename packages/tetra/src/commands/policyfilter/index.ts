import { choice } from '@tetragon-ts/service/options'
import type { Command } from '../../command.ts'
import { defineGroup } from '../../define-group.ts'
import { meaningless } from '../meaningless.ts'
import { cgroupid } from './cgroupid.ts'
import { listPods } from './list-pods.ts'
import { listPolicies } from './list-policies.ts'

const parent = 'policyfilter'

/** `tetra policyfilter` */
export const policyfilter: Command = defineGroup({
  name: 'policyfilter',
  summary: 'Show which policies apply to which pods, and why',
  examples: [
    ['tetra policyfilter listpolicies default/xwing', 'The policies of a pod'],
    ['tetra policyfilter listpods file-monitoring', 'The pods of a policy'],
  ],
  commands: [
    listPolicies,
    listPods,
    cgroupid,
    meaningless({
      name: 'dump',
      parent,
      summary: 'Show the table',
      reason: 'this agent has no pinned table of policies by control group; see listpods',
    }),
    meaningless({
      name: 'add',
      parent,
      summary: 'Add an entry',
      operands: 'POLICYID CGROUP',
      options: {
        'arg-type': choice({
          value: 'TYPE',
          default: 'file',
          choices: ['file', 'id'],
          help: 'What CGROUP is',
        }),
      },
      reason:
        'the agent decides which policies apply to a control group; see the selectors of policies',
    }),
  ],
})
