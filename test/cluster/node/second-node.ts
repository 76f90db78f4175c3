import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { cachePath } from '../../vm/repository.ts'
import { makeWorkFolder } from '../../vm/work-folder.ts'
import { type Cluster, slowLimit } from '../cluster.ts'
import { makeNodeCertificates } from '../control-plane/certificates.ts'
import type { Command } from '../control-plane/components.ts'
import { writeKubeconfig } from '../control-plane/kubeconfig.ts'
import { ClusterNode } from './cluster-node.ts'
import { groupOf, makeControlGroup, removeControlGroup } from './control-groups.ts'
import { configFolder, firstNode, secondLinks, secondNode } from './names.ts'
import { enterNetwork, enterNode, NodeNamespaces, secondNetwork } from './namespaces.ts'
import { containerd, kubelet } from './node-programs.ts'
import { makeNodeRoot } from './node-root.ts'
import { NodeProcess } from './processes.ts'

/**
 * A second node of a cluster, in namespaces of its own beside the first one. Both have the kernel
 * of this machine, as nodes of kind have. It ends with this process, even if that is killed.
 */
export class SecondNode {
  readonly node: ClusterNode
  readonly #cluster: Cluster
  readonly #namespaces: NodeNamespaces
  readonly #folder: string
  readonly #processes: NodeProcess[] = []

  private constructor(cluster: Cluster, namespaces: NodeNamespaces, folder: string) {
    this.node = new ClusterNode({ folder, pid: namespaces.pid })
    this.#cluster = cluster
    this.#namespaces = namespaces
    this.#folder = folder
  }

  /**
   * Starts the node and waits until it is ready. Root only.
   * @param images archives that it has, besides those of the cluster
   * @throws Error with the end of a program's log
   */
  static async start(cluster: Cluster, images: readonly string[]): Promise<SecondNode> {
    const { programs } = cluster.address
    const folder = await makeWorkFolder(cachePath('cluster', 'run'), 'second')
    const root = join(folder, 'node')
    await makeNodeRoot(root, secondNode, `/${groupOf(folder)}`)
    await makeCredentials(root, cluster)
    await makeControlGroup(groupOf(folder))
    const namespaces = await NodeNamespaces.make(root, programs, 'alone', secondNode)
    const second = new SecondNode(cluster, namespaces, folder)
    try {
      await connect(cluster.address.pid, namespaces.pid)
      const own = ['pause', 'demo'].map((name) => join(programs, 'images', `${name}.tar`))
      await second.#startAll([...own, ...images])
    } catch (error) {
      await second.end()
      throw new Error('start a second node', { cause: error })
    }
    return second
  }

  async #startAll(images: readonly string[]): Promise<void> {
    this.#run('containerd', containerd)
    await this.#waitFor('its containerd answers', async () => {
      return (await this.node.ctr('version')).exitCode === 0
    })
    for (const image of images) await this.node.importImage(image)
    this.#run('kubelet', kubelet(secondNode))
    const status = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'
    const get = ['get', 'node', secondNode.name, '-o', status]
    await this.#waitFor('it is ready', async () => {
      return (await this.#cluster.tryKubectl(get)).stdout === 'True'
    })
  }

  #run(name: string, command: Command): void {
    const inNode = enterNode(this.#namespaces.pid, command)
    this.#processes.push(new NodeProcess(name, inNode, this.#folder))
  }

  #waitFor(what: string, condition: () => Promise<boolean>): Promise<void> {
    const check = () => {
      for (const each of this.#processes) each.check()
      return condition()
    }
    return this.#cluster.waitFor(`second node: ${what}`, check, slowLimit)
  }

  /** Ends the node, and removes it from the cluster. */
  async end(): Promise<void> {
    for (const each of this.#processes) each.stop()
    await this.#namespaces.end()
    await removeControlGroup(groupOf(this.#folder))
    await rm(this.#folder, { recursive: true, force: true })
    await removeSecondNode(this.#cluster)
  }
}

/** Removes the objects of the second node, which has ended, and of its pods. */
export async function removeSecondNode(cluster: Cluster): Promise<void> {
  // The garbage collector would delete the pods a minute later.
  const there = ['--all-namespaces', '--field-selector', `spec.nodeName=${secondNode.name}`]
  await cluster.kubectl('delete', 'pods', ...there, '--force', '--grace-period=0')
  await cluster.kubectl('delete', 'node', secondNode.name, '--ignore-not-found')
}

/** Makes the certificates of the second node. @param root of the node */
export async function makeCredentials(root: string, cluster: Cluster): Promise<void> {
  const pki = join(root, configFolder, 'pki')
  await makeNodeCertificates(pki, secondNode, join(cluster.folder, 'node', configFolder, 'pki'))
  const kubeconfig = join(root, configFolder, 'kubelet.conf')
  await writeKubeconfig(pki, 'kubelet', kubeconfig, firstNode.address)
}

/** Connects the networks of two nodes, and of their pods. @param first process of the first node */
async function connect(first: number, second: number): Promise<void> {
  const pair = `type veth peer name ${secondLinks.second} netns ${second}`
  await linkFirst(first, `ip link add ${secondLinks.first} ${pair}`)
  await runInNetwork(second, secondNetwork(secondLinks.second))
}

/**
 * Makes the link of the first node to the second one, and the routes to it and its pods.
 * @param add command that adds the interface
 */
export function linkFirst(first: number, add: string): Promise<void> {
  const link = secondLinks.first
  return runInNetwork(
    first,
    `${add}
ip link set ${link} up
ip route add ${secondNode.address} dev ${link} src ${firstNode.address}
ip route add ${secondNode.podRange} via ${secondNode.address} dev ${link} onlink \
  src ${firstNode.address}`,
  )
}

/** Runs a script in the network of a node, which then forwards packets. */
export async function runInNetwork(pid: number, script: string): Promise<void> {
  const forward = 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  const [program, ...args] = enterNetwork(pid, ['sh', '-ec', `${script}\n${forward}`])
  await runOrThrow(program, args)
}
