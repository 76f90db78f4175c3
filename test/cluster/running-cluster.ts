import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cachePath } from '../vm/repository.ts'
import { makeWorkFolder } from '../vm/work-folder.ts'
import { clusterFiles } from './build/cluster-files.ts'
import { Cluster, slowLimit } from './cluster.ts'
import { makeCertificates, users } from './control-plane/certificates.ts'
import type { Command } from './control-plane/components.ts'
import * as components from './control-plane/components.ts'
import { writeKubeconfig } from './control-plane/kubeconfig.ts'
import {
  groupOf,
  makeControlGroup,
  removeAbandonedGroups,
  removeControlGroup,
} from './node/control-groups.ts'
import { configFolder, firstNode, gatewayLink, serviceAddress } from './node/names.ts'
import { NodeNamespaces } from './node/namespaces.ts'
import { containerd, kubelet } from './node/node-programs.ts'
import { makeNodeRoot } from './node/node-root.ts'
import { NodeProcess } from './node/processes.ts'
import { remains, settingsOfMachine, tracesOf } from './node/traces.ts'
import { makeGuestRoot } from './virtual-node/guest-root.ts'
import { VirtualNode } from './virtual-node/virtual-node.ts'
import { addNodeFiles, baseSpec } from './walk-through/node-files.ts'

/** Seconds that a node may be silent; the default of Kubernetes. */
const graceSeconds = 40

/** The programs of a cluster. They end with this process, even if it is killed. */
export class RunningCluster {
  readonly cluster: Cluster
  readonly #namespaces: NodeNamespaces
  readonly #cgroup: string
  /** Settings of the machine before the start. */
  readonly #settings: readonly string[]
  readonly #virtual: VirtualNode | undefined
  readonly #processes: NodeProcess[] = []

  private constructor(
    cluster: Cluster,
    namespaces: NodeNamespaces,
    cgroup: string,
    settings: readonly string[],
    virtual: VirtualNode | undefined,
  ) {
    this.cluster = cluster
    this.#namespaces = namespaces
    this.#cgroup = cgroup
    this.#settings = settings
    this.#virtual = virtual
  }

  /**
   * Builds missing programs, starts a cluster and waits until its node is ready. Root only.
   * @param tetra folder with the bundled tetra, for the node
   * @param log receives a line for each step
   * @param kernel that of the node, in a virtual machine; this machine is the node by default
   * @throws Error with the end of a program's log
   */
  static async start(
    tetra: string,
    log: (line: string) => void,
    kernel?: string,
  ): Promise<RunningCluster> {
    const programs = await clusterFiles(log)
    await removeAbandonedGroups()
    const folder = await makeWorkFolder(cachePath('cluster', 'run'), 'cluster')
    const cgroup = groupOf(folder)
    const root = join(folder, 'node')
    await makeNodeRoot(root, firstNode, `/${cgroup}`, baseSpec)
    await addNodeFiles(root, programs, tetra)
    await makeCertificates(join(root, configFolder, 'pki'))
    // With a virtual machine, the control plane does not have the address of the node.
    const address = kernel === undefined ? firstNode.address : serviceAddress
    for (const user of [...Object.keys(users), 'kubelet']) {
      const file = join(root, configFolder, `${user}.conf`)
      await writeKubeconfig(join(root, configFolder, 'pki'), user, file, address)
    }
    const settings = await settingsOfMachine()
    await makeControlGroup(cgroup)
    const namespaces = await NodeNamespaces.make(
      root,
      programs,
      kernel === undefined ? 'whole' : 'control-plane',
    ).catch(async (error: unknown) => {
      await removeControlGroup(cgroup)
      throw error
    })
    const startVirtual = async (name: string): Promise<VirtualNode> => {
      const guestRoot = join(folder, 'virtual-node')
      await makeGuestRoot(guestRoot, root, cgroup, programs, tetra)
      const files = { root: guestRoot, programs, folder: join(folder, 'guest') }
      const guest = { ...files, cgroup, node: firstNode, network: 'card' } as const
      return VirtualNode.start(name, { pid: namespaces.pid, link: gatewayLink }, guest, log)
    }
    const virtual =
      kernel === undefined
        ? undefined
        : await startVirtual(kernel).catch(async (error: unknown) => {
            await namespaces.end()
            await removeControlGroup(cgroup)
            throw error
          })
    const local = { folder, programs, pid: namespaces.pid }
    const cluster = new Cluster(virtual ? { ...local, virtual: virtual.address } : local)
    const running = new RunningCluster(cluster, namespaces, cgroup, settings, virtual)
    // Commands that wait for the node end with the control plane.
    virtual?.ended.then(() => namespaces.end())
    try {
      await cluster.writePreferences()
      await running.#startAll()
    } catch (error) {
      const message = `start a cluster (logs are in ${folder})`
      await running.end({ keepFolder: true }).catch((other: unknown) => {
        throw new AggregateError([error, other], message)
      })
      throw new Error(message, { cause: error })
    }
    return running
  }

  async #startAll(): Promise<void> {
    const { cluster } = this
    const slowness = Math.ceil(this.#virtual?.address.slowness ?? 1)
    this.#run('etcd', components.etcd)
    if (this.#virtual === undefined) this.#run('containerd', containerd)
    this.#run('kube-apiserver', components.apiserver)
    await this.#waitFor('containerd answers', async () => {
      return (await cluster.node.ctr('version')).exitCode === 0
    })
    for (const name of ['pause', 'demo']) {
      await cluster.node.importImage(join(cluster.address.programs, 'images', `${name}.tar`))
    }
    await this.#waitFor('the API server is ready', async () => {
      return (await cluster.tryKubectl(['get', '--raw', '/readyz'])).stdout === 'ok'
    })
    this.#run('kube-controller-manager', components.controllerManager(graceSeconds * slowness))
    this.#run('kube-scheduler', components.scheduler)
    if (this.#virtual === undefined) this.#run('kubelet', kubelet(firstNode))
    else await this.#virtual.join()
    const status = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'
    await this.#waitFor('the node is ready', async () => {
      return (await cluster.tryKubectl(['get', 'nodes', '-o', status])).stdout === 'True'
    })
    await this.#waitFor('the namespace has its service account', async () => {
      return (await cluster.tryKubectl(['get', 'serviceaccount', 'default'])).exitCode === 0
    })
  }

  #run(name: string, command: Command): void {
    const inNode = this.cluster.commandAtControlPlane(command)
    this.#processes.push(new NodeProcess(name, inNode, this.cluster.folder))
  }

  #waitFor(what: string, condition: () => Promise<boolean>): Promise<void> {
    const check = () => {
      this.check()
      return condition()
    }
    return this.cluster.waitFor(what, check, slowLimit)
  }

  /** @throws Error with the end of the log of a program that has ended by itself */
  check(): void {
    for (const each of this.#processes) each.check()
    this.#virtual?.check()
  }

  /**
   * Ends the cluster.
   * @returns its remains on this machine; empty in a correct run
   */
  async end({ keepFolder = false } = {}): Promise<string[]> {
    const { folder } = this.cluster
    const before = await tracesOf(this.#namespaces.pid, this.#settings)
    for (const each of this.#processes) each.stop()
    try {
      await this.#namespaces.end()
      await this.#virtual?.end()
      await removeControlGroup(this.#cgroup)
    } finally {
      // It has the administrator's key.
      if (!keepFolder) await rm(folder, { recursive: true, force: true })
    }
    return remains(before, folder, this.#cgroup)
  }
}
