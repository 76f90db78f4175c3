import type { PolicyWorkloads } from '@tetragon-ts/api'
import { flag, text } from '@tetragon-ts/service/options'
import { defineCommand } from '../../define-command.ts'
import {
  answersOf,
  type FilterAnswer,
  filterOptions,
  printAnswers,
  reasonsCell,
} from './filter-answers.ts'

/** `tetra policyfilter listpods` */
export const listPods = defineCommand({
  name: 'listpods',
  parent: 'policyfilter',
  summary: 'Show which pods and containers a policy selects, and why',
  operands: 'POLICY',
  options: {
    namespace: text({
      short: 'n',
      value: 'NAME',
      help: 'Namespace of the policy; default: a policy of all namespaces',
    }),
    domain: text({ value: 'NAME', help: 'Only a policy of this domain' }),
    all: flag({ short: 'a', help: 'Include containers that are not selected' }),
    ...filterOptions,
  },
  examples: [
    ['tetra policyfilter listpods file-monitoring', 'The containers of this node that it selects'],
    ['tetra policyfilter listpods file-monitoring --all', 'Also why others are not selected'],
  ],
  run: async ({ values, operands, streams }) => {
    const [name] = operands
    const { namespace, domain } = values
    const isWanted = (policy: PolicyWorkloads): boolean =>
      policy.name === name &&
      (policy.namespace ?? '') === namespace &&
      (domain === '' || policy.domain === domain)
    let isThere = false
    const others: string[] = []
    const { code, count } = await printAnswers(
      values,
      streams,
      ({ policies = [], workloads = [] }) => {
        const found = policies.filter(isWanted)
        if (found.length > 0) isThere = true
        for (const policy of found) others.push(...withoutContainers(policy))
        return found
          .flatMap((policy) => workloads.flatMap((workload) => answersOf(policy, workload)))
          .filter(({ answer }) => values.all || answer !== 'no')
      },
      [
        ['NAMESPACE', ({ namespace: of }) => of],
        ['POD', ({ pod, containerId }) => pod || `(${containerId.slice(0, 12)})`],
        ['CONTAINER', ({ container }) => container],
        ['SELECTOR', ({ selector }) => selector],
        ['SELECTED', ({ answer }: FilterAnswer) => answer],
        ['WHY', reasonsCell],
      ],
    )
    if (!isThere && code === 0) throw new Error(`find policy ${name}: no agent has enabled it`)
    if (values.output === 'text') {
      const isNothing = count === 0 && others.length === 0
      const notes = isNothing ? ['no container is selected'] : others
      for (const note of new Set(notes)) streams.stdout.write(`${note}\n`)
    }
    return code
  },
})

/** What a policy selects besides containers. */
function withoutContainers({ selectors = [] }: PolicyWorkloads): string[] {
  const whole = selectors.find(({ path }) => path === 'spec')
  if (whole === undefined) return ['the policy applies to all processes']
  return whole.host ? ['processes outside of pods are selected'] : []
}
