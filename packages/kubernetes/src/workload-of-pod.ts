/** Fields of a pod from which its workload is derived. */
export interface PodOrigin {
  readonly name: string
  readonly generateName: string
  readonly labels: Readonly<Record<string, string>>
  /** Its managing owner. */
  readonly controller: { readonly kind: string; readonly name: string } | undefined
}

/** The object that a user created and that the pod belongs to. */
export interface WorkloadName {
  readonly workload: string
  readonly workloadKind: string
}

/** Names of jobs of a cron job end with their time, in minutes or seconds. */
const scheduled = /^(.+)-\d{8,10}$/

/** Derives the workload as the original does, without reading other objects. */
export function workloadOfPod(pod: PodOrigin): WorkloadName {
  const { name, generateName, labels, controller } = pod
  if (generateName === '' || controller === undefined) {
    return { workload: name, workloadKind: 'Pod' }
  }
  const { kind, name: above } = controller
  const label = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : '')
  const hash = label('pod-template-hash')
  if (kind === 'ReplicaSet' && hash !== '' && above.endsWith(hash)) {
    const end = `-${hash}`
    const workload = above.endsWith(end) ? above.slice(0, -end.length) : above
    return { workload, workloadKind: 'Deployment' }
  }
  const config = label('deploymentconfig')
  if (kind === 'ReplicationController' && config !== '') {
    return { workload: config, workloadKind: 'DeploymentConfig' }
  }
  const cron = kind === 'Job' ? scheduled.exec(above) : null
  if (cron !== null) return { workload: cron[1], workloadKind: 'CronJob' }
  return { workload: above || name, workloadKind: kind }
}
