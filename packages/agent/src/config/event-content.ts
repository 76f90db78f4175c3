import { AgentError } from '../error.ts'
import { ancestorKinds, type EventContent } from '../reader/event-content.ts'
import type { Settings } from './families/index.ts'

/** The optional content of events. @throws AgentError AGENT_OPTION */
export function eventContent(settings: Settings): EventContent {
  const asked = settings['enable-ancestors'].map((kind) => kind.trim())
  // Unknown kinds are ignored: later releases may have more.
  const ancestors = ancestorKinds.filter((kind) => asked.includes(kind))
  if (ancestors.length > 0 && !ancestors.includes('base')) {
    throw new AgentError('AGENT_OPTION', "parse --enable-ancestors: 'base' is missing")
  }
  const { 'enable-cri': cri, 'enable-nri': nri } = settings
  const hasPods = settings['enable-k8s-api'] || cri || nri
  return {
    credentials: settings['enable-process-cred'],
    namespaces: settings['enable-process-ns'],
    ancestors,
    ancestorsMax: settings['ancestors-max'],
    userNames: settings['username-metadata'],
    clusterName: settings['cluster-name'],
    stackAddresses: settings['expose-stack-addresses'],
    cgroupRate: settings['cgroup-rate'],
    exec: settings['exec-fields'],
    podLabels: hasPods,
    podWorkloads: settings['enable-k8s-api'],
    podAnnotations: hasPods && settings['enable-pod-annotations'],
  }
}
