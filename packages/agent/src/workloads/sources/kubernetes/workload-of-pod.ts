/** What the workload of a pod is found from. */
export interface PodOrigin {
  readonly name: string
  readonly generateName: string
  readonly labels: Readonly<Record<string, string>>
  /** Its owner that manages it, if it has one. */
  readonly controller: { readonly kind: string; readonly name: string } | undefined
}

/** The object that a user created, and of which the pod is a copy. */
export interface WorkloadName {
  readonly workload: string
  readonly workloadKind: string
}

/** A job of a cron job has its time behind its name, in minutes or seconds. */
const scheduled = /^(.+)-\d{8,10}$/

/** The same guesses as the original's: no other object is read for them. */
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
