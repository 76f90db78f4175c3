import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { cachePath } from '../vm/repository.ts'
import { type ProgramResult, runOrThrow, runProgram } from '../vm/run-program.ts'
import { isAlive, makerOf, makeWorkFolder } from '../vm/work-folder.ts'
import { clusterFiles } from './build/cluster-files.ts'
import { makeCertificates, users } from './control-plane/certificates.ts'
import type { Command } from './control-plane/components.ts'
import * as components from './control-plane/components.ts'
import { writeKubeconfig } from './control-plane/kubeconfig.ts'
import { digestOf } from './images/oci-archive.ts'
import { controlGroups, makeControlGroup, removeControlGroup } from './node/control-groups.ts'
import {
  configFolder,
  containerdSocket,
  nodeAddress,
  nodeName,
  programFolder,
} from './node/names.ts'
import { NodeNamespaces } from './node/namespaces.ts'
import { makeNodeRoot } from './node/node-root.ts'
import { NodeProcess } from './node/processes.ts'
import { remains, settingsOfMachine, tracesOf } from './node/traces.ts'

const cgroupPrefix = 'tetragon-cluster'
/** Milliseconds; a start takes seconds on an idle machine and minutes on a busy one. */
const waitLimit = 300_000

const containerd: Command = [`${programFolder}/bin/containerd`]
const kubelet: Command = [
  `${programFolder}/bin/kubelet`,
  '--config=/etc/kubernetes/kubelet.json',
  `--kubeconfig=${configFolder}/kubelet.conf`,
  '--container-runtime=remote',
  `--container-runtime-endpoint=unix://${containerdSocket}`,
  `--hostname-override=${nodeName}`,
  `--node-ip=${nodeAddress}`,
]

/** Differences of a test's node. */
export interface NodeOptions {
  /** Path on the node of the OCI specification that containers start from (base_runtime_spec). */
  readonly baseSpec?: string
  /**
   * Adds files to the node before its programs start.
   * @param root folder of the node; @param programs folder with the programs of the cluster
   */
  readonly prepare?: (root: string, programs: string) => Promise<void>
}

/** A Kubernetes cluster with one node in namespaces of its own on this machine. */
export class Cluster {
  /** Work folder: the node's root, logs, the administrator's kubeconfig. */
  readonly folder: string
  readonly #programs: string
  readonly #namespaces: NodeNamespaces
  readonly #cgroup: string
  /** Settings of the machine before the start. */
  readonly #settings: readonly string[]
  readonly #processes: NodeProcess[] = []

  private constructor(
    folder: string,
    programs: string,
    namespaces: NodeNamespaces,
    cgroup: string,
    settings: readonly string[],
  ) {
    this.folder = folder
    this.#programs = programs
    this.#namespaces = namespaces
    this.#cgroup = cgroup
    this.#settings = settings
  }

  /**
   * Builds missing programs, starts a cluster and waits until its node is ready. Root only.
   * @param log receives a line for each step
   * @throws Error with the end of a program's log
   */
  static async start(
    log: (line: string) => void = () => {},
    node: NodeOptions = {},
  ): Promise<Cluster> {
    const programs = await clusterFiles(log)
    await removeAbandoned()
    const folder = await makeWorkFolder(cachePath('cluster', 'run'), 'cluster')
    const cgroup = `${cgroupPrefix}-${folder.slice(folder.lastIndexOf('/cluster-') + 9)}`
    const root = join(folder, 'node')
    await makeNodeRoot(root, `/${cgroup}`, node.baseSpec)
    await node.prepare?.(root, programs)
    await makeCertificates(join(root, configFolder, 'pki'))
    for (const user of Object.keys(users)) {
      const file = join(root, configFolder, `${user}.conf`)
      await writeKubeconfig(join(root, configFolder, 'pki'), user, file)
    }
    await writePreferences(join(folder, 'home'))
    const settings = await settingsOfMachine()
    await makeControlGroup(cgroup)
    const namespaces = await NodeNamespaces.make(root, programs).catch(async (error: unknown) => {
      await removeControlGroup(cgroup)
      throw error
    })
    const cluster = new Cluster(folder, programs, namespaces, cgroup, settings)
    try {
      await cluster.#startAll()
    } catch (error) {
      const message = `start a cluster (logs are in ${folder})`
      await cluster.end({ keepFolder: true }).catch((other: unknown) => {
        throw new AggregateError([error, other], message)
      })
      throw new Error(message, { cause: error })
    }
    return cluster
  }

  async #startAll(): Promise<void> {
    this.#run('etcd', components.etcd)
    this.#run('containerd', containerd)
    this.#run('kube-apiserver', components.apiserver)
    await this.waitFor('containerd answers', async () => {
      return (await this.#ctr(['version'])).exitCode === 0
    })
    for (const name of ['pause', 'demo']) {
      await this.importImage(join(this.#programs, 'images', `${name}.tar`))
    }
    await this.waitFor('the API server is ready', async () => {
      return (await this.tryKubectl(['get', '--raw', '/readyz'])).stdout === 'ok'
    })
    this.#run('kube-controller-manager', components.controllerManager)
    this.#run('kube-scheduler', components.scheduler)
    this.#run('kubelet', kubelet)
    const status = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'
    await this.waitFor('the node is ready', async () => {
      return (await this.tryKubectl(['get', 'nodes', '-o', status])).stdout === 'True'
    })
    await this.waitFor('the namespace has its service account', async () => {
      return (await this.tryKubectl(['get', 'serviceaccount', 'default'])).exitCode === 0
    })
  }

  #run(name: string, command: Command): void {
    this.#processes.push(new NodeProcess(name, this.#namespaces.enter(command), this.folder))
  }

  /** Runs a program on the node, with the node's files. */
  onNode(command: readonly string[]): Promise<ProgramResult> {
    const [program, ...args] = this.#namespaces.enter(command)
    return runProgram(program, args)
  }

  /** The command line that runs another one on the node, with the node's files. */
  commandOnNode(command: readonly string[]): [program: string, ...args: string[]] {
    return this.#namespaces.enter(command)
  }

  /** The command line that runs another one in the node's network, with the machine's files. */
  commandInNetwork(command: readonly string[]): [program: string, ...args: string[]] {
    return this.#namespaces.enterNetwork(command)
  }

  #ctr(args: readonly string[]): Promise<ProgramResult> {
    return this.onNode([`${programFolder}/bin/ctr`, '--namespace', 'k8s.io', ...args])
  }

  /**
   * Imports an archive (docker or OCI) into the node's container runtime. It also gets
   * the name of a pull by digest: events include the digest.
   * @param byTag whether it keeps its name with a tag, which a pull by digest does not have
   * @returns the name with the digest
   */
  async importImage(archive: string, { byTag = true } = {}): Promise<string> {
    const onNode = join('/tmp', archive.slice(archive.lastIndexOf('/') + 1))
    const path = join(this.folder, 'node', onNode)
    await runOrThrow('cp', [archive, path])
    const imported = await this.#ctr(['images', 'import', onNode])
    await rm(path)
    const name = /^unpacking (\S+)/m.exec(imported.stdout)?.[1]
    if (imported.exitCode !== 0 || name === undefined) {
      throw new Error(`import ${archive}: ${imported.stderr.trim() || imported.stdout.trim()}`)
    }
    const byDigest = `${name.slice(0, name.lastIndexOf(':'))}@${await digestOf(archive)}`
    await this.#ctr(['images', 'tag', '--force', name, byDigest])
    if (!byTag) await this.#ctr(['images', 'rm', name])
    return byDigest
  }

  /** The command line of a client, as the administrator. */
  #client(name: 'kubectl' | 'helm', args: readonly string[]): [program: string, ...args: string[]] {
    const environment = [
      `HOME=${join(this.folder, 'home')}`,
      `KUBECONFIG=${join(this.folder, 'node', configFolder, 'admin.conf')}`,
    ]
    const program = join(this.#programs, 'bin', name)
    return this.#namespaces.enterNetwork(['env', ...environment, program, ...args])
  }

  /** Runs kubectl; any exit code is accepted. */
  tryKubectl(args: readonly string[]): Promise<ProgramResult> {
    const [program, ...rest] = this.#client('kubectl', args)
    return runProgram(program, rest)
  }

  /** Runs kubectl and returns its output. @throws Error with its message */
  kubectl(...args: readonly string[]): Promise<string> {
    const [program, ...rest] = this.#client('kubectl', args)
    return runOrThrow(program, rest)
  }

  /** Applies a manifest. @throws Error with the message of kubectl */
  async apply(manifest: object): Promise<void> {
    const file = join(this.folder, 'manifest.json')
    await writeFile(file, JSON.stringify(manifest))
    await this.kubectl('apply', '-f', file)
  }

  /** Runs helm and returns its output. @throws Error with its message */
  helm(...args: readonly string[]): Promise<string> {
    const [program, ...rest] = this.#client('helm', args)
    return runOrThrow(program, rest)
  }

  /**
   * Waits until a condition holds.
   * @throws Error after the time limit, or if a program of the node has ended
   */
  async waitFor(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + waitLimit
    while (!(await condition())) {
      for (const each of this.#processes) each.check()
      if (performance.now() > deadline) throw new Error(`cluster: timeout: ${what}`)
      await delay(200)
    }
  }

  /**
   * Ends the cluster.
   * @returns its remains on this machine; empty in a correct run
   */
  async end({ keepFolder = false } = {}): Promise<string[]> {
    const before = await tracesOf(this.#namespaces.pid, this.#settings)
    try {
      await this.#namespaces.end()
      await removeControlGroup(this.#cgroup)
    } finally {
      // It has the administrator's key.
      if (!keepFolder) await rm(this.folder, { recursive: true, force: true })
    }
    return remains(before, this.folder, this.#cgroup)
  }
}

/** Removes control groups of clusters whose process was killed; folders are removed with them. */
async function removeAbandoned(): Promise<void> {
  for (const name of await controlGroups(cgroupPrefix)) {
    const maker = makerOf(name)
    if (maker !== undefined && !isAlive(maker)) await removeControlGroup(name)
  }
}

/**
 * kubectl 1.34 uses validation by the server, which this release lacks; validation by the client
 * refuses newer fields of CRDs.
 */
async function writePreferences(home: string): Promise<void> {
  await mkdir(join(home, '.kube'), { recursive: true })
  const preferences = {
    apiVersion: 'kubectl.config.k8s.io/v1beta1',
    kind: 'Preference',
    defaults: ['apply', 'create'].map((command) => ({
      command,
      options: [{ name: 'validate', default: 'false' }],
    })),
  }
  await writeFile(join(home, '.kube/kuberc'), JSON.stringify(preferences))
}
