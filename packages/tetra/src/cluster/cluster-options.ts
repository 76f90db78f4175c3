import type { Options } from '../command.ts'

/** The options of every command that can ask all agents of a cluster; they may precede its name. */
export const clusterOptions = {
  cluster: {
    kind: 'flag',
    group: 'cluster',
    help: 'Ask the agents of all nodes, with your rights in the cluster',
  },
  kubeconfig: {
    kind: 'text',
    value: 'FILE',
    default: '',
    group: 'cluster',
    help: 'Kubeconfig file; default: $KUBECONFIG, ~/.kube/config, or the service account of the pod',
  },
  context: {
    kind: 'text',
    value: 'NAME',
    default: '',
    group: 'cluster',
    help: 'Context of the kubeconfig file; default: its current context',
  },
  'agent-namespace': {
    kind: 'text',
    value: 'NAME',
    default: 'kube-system',
    group: 'cluster',
    help: 'Namespace of the agents',
  },
  'agent-selector': {
    kind: 'text',
    value: 'LABELS',
    default: 'app.kubernetes.io/name=tetragon',
    group: 'cluster',
    help: 'Labels of the pods of the agents',
  },
} as const satisfies Options
