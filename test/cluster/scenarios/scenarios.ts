import { applied } from './applied.ts'
import { churn } from './churn.ts'
import { kills } from './kills.ts'
import { outage } from './outage.ts'
import { shortPods } from './short-pods.ts'

/**
 * Scenarios with their sizes: policies, pods, seconds, seconds, kills. Those that end no programs
 * leave an agent that the next one can use.
 */
export const scenarios = [
  {
    title: 'Applied policies',
    run: applied,
    endsPrograms: false,
    small: 5,
    full: 100,
    text: 'Time from the start of `kubectl apply` to the first event of the new policy.',
  },
  {
    title: 'Short pods',
    run: shortPods,
    endsPrograms: false,
    small: 10,
    full: 500,
    text: `Pods are started and ended, ten at a time. Each runs five programs and lives for less than a
second. Every program, the first one included, must have its exec and exit events, with namespace,
name and uid of its pod, and with id, name and image of its container.`,
  },
  {
    title: 'Pods that come and go',
    run: churn,
    endsPrograms: false,
    small: 12,
    full: 600,
    text: `A policy with a \`podSelector\` is applied while pods come and go. Each hit of a selected pod that
was created after the policy was enabled must be posted, and no hit of another pod.`,
  },
  {
    title: 'Outage of the API server',
    run: outage,
    endsPrograms: true,
    small: 20,
    full: 300,
    text: `The agent does not reach the API server, and is killed during this time. Two pods ran before, and
two are created during the outage. Events must have their pods, policies stay in force, and afterwards
everything is as the API server has it. The node does not have the labels of the new pods: hits that a
policy may apply to are posted after 30 seconds.`,
  },
  {
    title: 'Killed programs',
    run: kills,
    endsPrograms: true,
    small: 5,
    full: 50,
    text: `\`kill -9\` of agent, operator, kubelet and containerd, at random. Events must have their pods,
the policy must be in force after each kill, and no program or map in the kernel and no process may be
left.`,
  },
] as const
