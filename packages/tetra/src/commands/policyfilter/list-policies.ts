import type { NodeWorkload } from '@tetragon-ts/api'
import { defineCommand } from '../../define-command.ts'
import { answersOf, filterOptions, printAnswers, reasonsCell } from './filter-answers.ts'

/** Minimum length of the start of a container id. */
const idMin = 8

/** `tetra policyfilter listpolicies` */
export const listPolicies = defineCommand({
  name: 'listpolicies',
  parent: 'policyfilter',
  summary: 'Show which policies apply to a pod or a container, and why',
  description:
    'A policy that selects no workloads applies to all processes. Policies whose selectors choose\n' +
    'workloads (matchWorkloads) have a line for each of these selectors.',
  operands: '[NAMESPACE/]POD|CONTAINERID',
  options: filterOptions,
  examples: [
    ['tetra policyfilter listpolicies default/xwing', 'The policies of the containers of a pod'],
    [
      'tetra --cluster policyfilter listpolicies default/xwing -o json',
      'The same of a pod on any node, as JSON',
    ],
  ],
  run: async ({ values, operands, streams }) => {
    const [name] = operands
    const isWanted = matcher(name)
    const { code, count } = await printAnswers(
      values,
      streams,
      ({ policies = [], workloads = [] }) =>
        workloads
          .filter(isWanted)
          .flatMap((workload) => policies.flatMap((policy) => answersOf(policy, workload))),
      [
        ['CONTAINER', ({ container, containerId }) => container || containerId.slice(0, 12)],
        ['POLICY', ({ policy }) => policy],
        ['NAMESPACE', ({ policyNamespace }) => policyNamespace || '(global)'],
        ['DOMAIN', ({ domain }) => domain],
        ['SELECTOR', ({ selector }) => selector],
        ['APPLIES', ({ answer }) => answer],
        ['WHY', reasonsCell],
      ],
    )
    if (count > 0) return code
    throw new Error(
      `find ${name}: no such pod or container is known. While no policy selects workloads, none is ` +
        'known, and each policy applies to all processes; see tetra tracingpolicy list',
    )
  },
})

/** Containers of a pod, or the one with the id. */
function matcher(name: string): (workload: NodeWorkload) => boolean {
  const slash = name.indexOf('/')
  const [namespace, pod] =
    slash < 0 ? [undefined, name] : [name.slice(0, slash), name.slice(slash + 1)]
  const isId = /^[0-9a-f]+$/.test(name) && name.length >= idMin
  return (workload) => {
    const isOfPod = workload.pod === pod && (namespace ?? workload.namespace) === workload.namespace
    return isOfPod || (isId && (workload.container_id ?? '').startsWith(name))
  }
}
