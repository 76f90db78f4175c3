import { flag, type Options, text } from '@tetragon-ts/service/options'

/** The options of every command that can ask all agents of a cluster; they may precede its name. */
export const clusterOptions = {
  cluster: flag({
    group: 'cluster',
    help: 'Ask the agents of all nodes, with your rights in the cluster',
  }),
  kubeconfig: text({
    value: 'FILE',
    group: 'cluster',
    help: 'Kubeconfig file; default: $KUBECONFIG, ~/.kube/config, or the service account of the pod',
  }),
  context: text({
    value: 'NAME',
    group: 'cluster',
    help: 'Context of the kubeconfig file; default: its current context',
  }),
  'agent-namespace': text({
    value: 'NAME',
    default: 'kube-system',
    group: 'cluster',
    help: 'Namespace of the agents',
  }),
  'agent-selector': text({
    value: 'LABELS',
    default: 'app.kubernetes.io/name=tetragon',
    group: 'cluster',
    help: 'Labels of the pods of the agents',
  }),
} as const satisfies Options
