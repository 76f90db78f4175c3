import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cachePath } from '../../vm/repository.ts'
import { makeWorkFolder } from '../../vm/work-folder.ts'
import { type Cluster, slowLimit } from '../cluster.ts'
import { ClusterNode } from '../node/cluster-node.ts'
import { groupOf } from '../node/control-groups.ts'
import { secondLinks, secondNode } from '../node/names.ts'
import { makeNodeRoot } from '../node/node-root.ts'
import { linkFirst, makeCredentials, removeSecondNode, runInNetwork } from '../node/second-node.ts'
import { VirtualNode } from './virtual-node.ts'

/**
 * A second node of a cluster with a kernel of its own: a virtual machine with containerd and
 * kubelet. It ends with this process, even if that is killed.
 */
export class SecondVirtualNode {
  readonly node: ClusterNode
  /** Release of its kernel. */
  readonly release: string
  readonly #cluster: Cluster
  readonly #machine: VirtualNode
  readonly #folder: string

  private constructor(cluster: Cluster, machine: VirtualNode, folder: string) {
    const { pid } = cluster.address
    this.node = new ClusterNode({ folder, pid, virtual: machine.address })
    this.release = machine.release
    this.#cluster = cluster
    this.#machine = machine
    this.#folder = folder
  }

  /**
   * Boots the machine, and imports images. The cluster does not know the node yet. Root only.
   * @param kernel name of its kernel
   * @param images archives that it has, besides those of the cluster
   */
  static async boot(
    cluster: Cluster,
    kernel: string,
    images: readonly string[],
  ): Promise<SecondVirtualNode> {
    const { pid, programs } = cluster.address
    const folder = await makeWorkFolder(cachePath('cluster', 'run'), 'second')
    const root = join(folder, 'node')
    const cgroup = groupOf(folder)
    // The default of the kubelet: each report takes seconds there.
    await makeNodeRoot(root, secondNode, `/${cgroup}`, '', '10s')
    await makeCredentials(root, cluster)
    const link = secondLinks.first
    await linkFirst(pid, `ip tuntap add dev ${link} mode tap`)
    const files = { root, programs, folder: join(folder, 'guest') }
    const guest = { ...files, cgroup, node: secondNode, network: 'second-card' } as const
    const machine = await VirtualNode.start(kernel, { pid, link }, guest, console.log)
    const second = new SecondVirtualNode(cluster, machine, folder)
    try {
      const pause = join(programs, 'images', 'pause.tar')
      for (const image of [pause, ...images]) await second.node.importImage(image)
    } catch (error) {
      await second.end()
      throw error
    }
    return second
  }

  /** Adds the node to the cluster, and waits until it is ready. */
  async join(): Promise<void> {
    await this.#machine.join()
    const status = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
    const get = ['get', 'node', secondNode.name, '-o', status]
    const isReady = async () => {
      this.#machine.check()
      return (await this.#cluster.tryKubectl(get)).stdout === 'True'
    }
    await this.#cluster.waitFor('the second node is ready', isReady, slowLimit)
  }

  /** Switches the machine off, and removes the node from the cluster. */
  async end(): Promise<void> {
    await this.#machine.end()
    await runInNetwork(this.#cluster.address.pid, `ip link delete ${secondLinks.first}`)
    await rm(this.#folder, { recursive: true, force: true })
    await removeSecondNode(this.#cluster)
  }
}
