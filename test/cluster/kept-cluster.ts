import type { EventEmitter } from 'node:events'
import { join } from 'node:path'
import type { ClusterAddress } from './cluster.ts'
import { chart } from './installation.ts'
import { configFolder } from './node/names.ts'
import { enterNetwork, enterNode } from './node/namespaces.ts'

const endSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** How to use a cluster that is kept: lines for its user. */
export function usageOf({ folder, pid, programs, virtual }: ClusterAddress): string {
  const kubeconfig = join(folder, 'node', configFolder, 'admin.conf')
  // Clients have preferences for this release of Kubernetes there.
  const environment = [`KUBECONFIG=${kubeconfig}`, `HOME=${join(folder, 'home')}`]
  const path = `PATH=${join(programs, 'bin')}:$PATH`
  const lines = [
    'The cluster is ready, and its node has the image of the agent.',
    '',
    `KUBECONFIG=${kubeconfig}`,
    '',
    'A shell with kubectl and helm, in the network of the cluster:',
    `  ${enterNetwork(pid, ['env', ...environment, path, 'bash']).join(' ')}`,
    'The agent, in that shell:',
    `  helm install tetragon ${chart} -n kube-system --set tetragon.hostProcPath=/procHost`,
  ]
  if (virtual === undefined) {
    lines.push('A shell on the node:', `  ${enterNode(pid, ['bash']).join(' ')}`)
  }
  return [...lines, `Logs: ${folder}`, '', 'Ctrl-C ends the cluster and all its programs.'].join(
    '\n',
  )
}

/** The wish of the user to end a cluster. From then on, further signals have no effect. */
export class EndOfUse {
  readonly #wished: Promise<void>

  /** @param source of signals */
  constructor(source: EventEmitter = process) {
    this.#wished = new Promise((resolve) => {
      for (const signal of endSignals) source.on(signal, resolve)
    })
  }

  /**
   * Waits for a signal.
   * @param check fails if a program of the cluster has ended by itself
   * @throws Error of `check`
   */
  async wait(check: () => void, intervalMs = 1000): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const failed = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        try {
          check()
        } catch (error) {
          reject(error)
        }
      }, intervalMs)
    })
    try {
      await Promise.race([this.#wished, failed])
    } finally {
      clearInterval(timer)
    }
  }
}
