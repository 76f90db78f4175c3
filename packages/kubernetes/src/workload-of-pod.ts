import { fields, list, text, texts } from './object-fields.ts'

/** Fields of a pod from which its workload is derived. */
export interface PodOrigin {
  readonly name: string
  readonly generateName: string
  readonly labels: Readonly<Record<string, string>>
  /** Its managing owner. */
  readonly controller:
    | { readonly kind: string; readonly name: string; readonly apiVersion?: string }
    | undefined
}

/** The object that a user created and that the pod belongs to. */
export interface WorkloadName {
  readonly workload: string
  readonly workloadKind: string
}

/** The same with the version of its API. */
export interface VersionedWorkload extends WorkloadName {
  readonly apiVersion: string
}

/** Names of jobs of a cron job end with their time, in minutes or seconds. */
const scheduled = /^(.+)-\d{8,10}$/

/** The origin of a pod, from its metadata of any content. */
export function podOrigin(metadata: unknown): PodOrigin {
  const { name, generateName, labels, ownerReferences } = fields(metadata)
  const owner = list(ownerReferences)
    .map(fields)
    .find(({ controller }) => controller === true)
  return {
    name: text(name),
    generateName: text(generateName),
    labels: texts(labels),
    controller: owner && {
      kind: text(owner.kind),
      name: text(owner.name),
      apiVersion: text(owner.apiVersion),
    },
  }
}

/** Derives the workload as the original does, without reading other objects. */
export function workloadOfPod(pod: PodOrigin): WorkloadName {
  const { workload, workloadKind } = versionedWorkload(pod)
  return { workload, workloadKind }
}

/** The same with the version of its API. */
export function versionedWorkload(pod: PodOrigin): VersionedWorkload {
  const { name, generateName, labels, controller } = pod
  if (generateName === '' || controller === undefined) {
    return { workload: name, workloadKind: 'Pod', apiVersion: 'v1' }
  }
  const { kind, name: above, apiVersion = '' } = controller
  const label = (key: string) => (Object.hasOwn(labels, key) ? labels[key] : '')
  const hash = label('pod-template-hash')
  if (kind === 'ReplicaSet' && hash !== '' && above.endsWith(hash)) {
    const end = `-${hash}`
    const workload = above.endsWith(end) ? above.slice(0, -end.length) : above
    return { workload, workloadKind: 'Deployment', apiVersion }
  }
  const config = label('deploymentconfig')
  if (kind === 'ReplicationController' && config !== '') {
    const workloadKind = 'DeploymentConfig'
    return { workload: config, workloadKind, apiVersion: 'apps.openshift.io/v1' }
  }
  const cron = kind === 'Job' ? scheduled.exec(above) : null
  if (cron !== null) return { workload: cron[1], workloadKind: 'CronJob', apiVersion: 'batch/v1' }
  return { workload: above || name, workloadKind: kind, apiVersion }
}
