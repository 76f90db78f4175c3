import { mkdir, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../cluster.ts'
import { demoImage } from '../images/cluster-images.ts'

/** Folder of the node in which each pod writes what it does. */
const truthFolder = '/var/log/workloads'
/** The same folder in containers. */
const mounted = '/truth'
/** The container of each pod. */
export const containerName = 'main'

/** Scripts of pods. `$0` is the name of the pod, the file `$t` its log. */
export const scripts = {
  /** Runs five programs and ends. Each program writes the line of the log itself. */
  programs: 'for i in 0 1 2 3 4; do /bin/echo $0 $i >> $t; done',
  /**
   * The same, and ends three seconds later: a busy agent may read the files of a container that is
   * gone before too late, and then knows only the pod.
   */
  slowPrograms: 'for i in 0 1 2 3 4; do /bin/echo $0 $i >> $t; done; usleep 3000000',
  /** Makes five hits and ends. A hit is logged before it is made. */
  hits: 'for i in 0 1 2 3 4; do echo $0 $i >> $t; cd /none/$0/$i; done 2>/dev/null; true',
  /** Makes hits until it is killed, and starts with the next number after a restart. */
  endless: `i=$(cat $t 2>/dev/null | wc -l)
    while :; do echo $0 $i >> $t; cd /none/$0/$i; i=$((i + 1)); usleep 100000; done 2>/dev/null`,
  /** Runs a program and makes a hit, until it is killed. */
  both: `i=$(cat $t 2>/dev/null | wc -l)
    while :; do /bin/echo $0 $i >> $t; cd /none/$0/$i; i=$((i + 1)); usleep 100000; done 2>/dev/null`,
  /** Makes hits every few milliseconds and logs nothing. */
  fast: 'while :; do cd /none/$0/x; usleep 5000; done 2>/dev/null',
} as const

const ending: readonly (keyof typeof scripts)[] = ['programs', 'slowPrograms', 'hits']

/** A pod that runs a script. Its first program has its name as the last argument. */
export function podOf(
  name: string,
  script: keyof typeof scripts,
  labels: Readonly<Record<string, string>>,
) {
  const text = `t=${mounted}/$0; ${scripts[script]}`
  const main = {
    name: containerName,
    image: demoImage,
    command: ['/bin/sh', '-c', text, name],
    volumeMounts: [{ name: 'truth', mountPath: mounted }],
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      restartPolicy: ending.includes(script) ? 'Never' : 'Always',
      terminationGracePeriodSeconds: 0,
      containers: [main],
      volumes: [{ name: 'truth', hostPath: { path: truthFolder, type: 'DirectoryOrCreate' } }],
    },
  }
}

export type WorkloadPod = ReturnType<typeof podOf>

/** Creates pods. */
export function createPods(cluster: Cluster, pods: readonly WorkloadPod[]): Promise<void> {
  return cluster.apply({ apiVersion: 'v1', kind: 'List', items: pods })
}

/** Kills the containers of pods together and deletes the pods. */
export async function killPods(cluster: Cluster, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  await cluster.kubectl('delete', 'pod', ...names, '--wait=false', '--grace-period=0', '--force')
}

/** The logs that pods have written: lines by the name of the pod. */
export async function truth(cluster: Cluster): Promise<Map<string, readonly string[]>> {
  const folder = join(cluster.folder, 'node', truthFolder)
  await mkdir(folder, { recursive: true })
  const logs = new Map<string, readonly string[]>()
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8')
    logs.set(name, text.split('\n').slice(0, -1))
  }
  return logs
}

/** Removes the logs and events of an earlier scenario. An agent may have a file of events open. */
export async function clearTruth(cluster: Cluster): Promise<void> {
  const [logs, events] = [truthFolder, '/var/log/tetragon'].map((folder) =>
    join(cluster.folder, 'node', folder),
  )
  await rm(logs!, { recursive: true, force: true })
  const names = await readdir(events!).catch(() => [])
  for (const name of names) await truncate(join(events!, name))
}
