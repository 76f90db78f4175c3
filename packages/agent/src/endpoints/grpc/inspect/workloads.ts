import type {
  GetWorkloadsResponse,
  LabelConditions,
  NodeWorkload,
  PolicyWorkloads,
  WorkloadSelector,
} from '@tetragon-ts/api'
import type { LabelSelector } from '@tetragon-ts/policy'
import type { PolicySelections } from '../../../policies/registry/policy-control.ts'
import type { SelectedWorkloads } from '../../../policies/registry/policy-loader.ts'
import type { ListedWorkload } from '../../../workloads/policy-sets/listed-workload.ts'
import type { ServerHost } from '../server-host.ts'

/** What policies select workloads by, and the containers of the node. */
export async function workloadsResponse(host: ServerHost): Promise<GetWorkloadsResponse> {
  const selections = await host.policies.selections()
  const selected = selections.flatMap((each) => each.selected)
  const keys = selected.flatMap(({ selection }) => keysOf(selection.podSelector))
  const workloads = selected.length === 0 ? [] : await host.workloads([...new Set(keys)])
  return { policies: selections.map(policyWorkloads), workloads: workloads.map(nodeWorkload) }
}

function keysOf(selector: LabelSelector | undefined): string[] {
  if (selector === undefined) return []
  return [...Object.keys(selector.matchLabels), ...selector.matchExpressions.map(({ key }) => key)]
}

function policyWorkloads({ id, selected }: PolicySelections): PolicyWorkloads {
  return { ...id, selectors: selected.map(workloadSelector) }
}

function workloadSelector({ path, set, selection }: SelectedWorkloads): WorkloadSelector {
  const { namespace, podSelector, containerSelector, host } = selection
  return {
    path,
    set,
    namespace,
    host,
    ...(podSelector && { pods: labelConditions(podSelector) }),
    ...(containerSelector && { containers: labelConditions(containerSelector) }),
  }
}

function labelConditions({ matchLabels, matchExpressions }: LabelSelector): LabelConditions {
  const equalities = Object.entries(matchLabels).map(([key, value]) => {
    return { key, operator: 'In', values: [value] }
  })
  const expressions = matchExpressions.map(({ key, operator, values }) => {
    return { key, operator, values: [...values] }
  })
  return { conditions: [...equalities, ...expressions] }
}

function nodeWorkload(workload: ListedWorkload): NodeWorkload {
  const { state, namespace, pod, container, repository, labels, cgroups } = workload
  return {
    state,
    namespace,
    pod,
    container,
    repository,
    cgroups,
    cgroup_id: String(workload.cgroup),
    container_id: workload.containerId,
    labels: { ...labels },
    labels_known: labels !== undefined,
    sets: [...workload.sets],
    unknown_sets: [...workload.unknownSets],
  }
}
