import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type ProgramResult, runOrThrow, runProgram } from '@tetragon-ts/test/archives'
import { ClusterNode, type NodeAddress } from './node/cluster-node.ts'
import { configFolder } from './node/names.ts'
import { enterNetwork, enterNode } from './node/namespaces.ts'
import { goMemory } from './node/processes.ts'

/** Milliseconds. On an idle machine, waits take seconds. */
const waitLimit = 180_000
/** Milliseconds between two questions. */
const pause = { least: 200, most: 1000 } as const
/** Milliseconds for the start of the cluster and the end of pods: minutes on a busy machine. */
export const slowLimit = 600_000

/** What another process needs to use a running cluster. */
export interface ClusterAddress extends NodeAddress {
  /** Folder with the programs of the cluster. */
  readonly programs: string
}

/**
 * A Kubernetes cluster. The control plane is in namespaces of its own on this machine; so is its
 * first node, unless that is a virtual machine. A test can add a second one: `SecondNode`.
 */
export class Cluster {
  readonly address: ClusterAddress
  /** The first node. */
  readonly node: ClusterNode

  constructor(address: ClusterAddress) {
    this.address = address
    this.node = new ClusterNode(address)
  }

  /** Work folder: the node's root, logs, the administrator's kubeconfig. */
  get folder(): string {
    return this.address.folder
  }

  /** How many times slower the node is than the machine for which time limits were chosen. */
  get #slowness(): number {
    return this.address.virtual?.slowness ?? 1
  }

  /**
   * The command line that runs another one beside the control plane, with its files. Without a
   * virtual machine, that is the node.
   */
  commandAtControlPlane(command: readonly string[]): [program: string, ...args: string[]] {
    return enterNode(this.address.pid, command)
  }

  /** The command line that runs another one in this network, with the machine's files. */
  commandInNetwork(command: readonly string[]): [program: string, ...args: string[]] {
    return enterNetwork(this.address.pid, command)
  }

  /** The command line of a client, as the administrator. */
  #client(name: 'kubectl' | 'helm', args: readonly string[]): [program: string, ...args: string[]] {
    const environment = [
      `HOME=${join(this.folder, 'home')}`,
      `KUBECONFIG=${join(this.folder, 'node', configFolder, 'admin.conf')}`,
      ...Object.entries(goMemory).map((each) => each.join('=')),
    ]
    const program = join(this.address.programs, 'bin', name)
    return this.commandInNetwork(['env', ...environment, program, ...args])
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
   * @param limitMs time limit; that of a slow node is longer
   * @throws Error after the time limit, or if the cluster has ended
   */
  async waitFor(
    what: string,
    condition: () => Promise<boolean>,
    limitMs = waitLimit,
  ): Promise<void> {
    // Long limits are for a busy machine. The slowness of a node includes that.
    const deadline = performance.now() + Math.max(limitMs, waitLimit * this.#slowness)
    for (;;) {
      const started = performance.now()
      if (await condition()) return
      this.node.check(what)
      const now = performance.now()
      if (now > deadline) throw new Error(`cluster: timeout: ${what}`)
      // On a busy machine, questions must not delay what they wait for.
      await delay(Math.min(Math.max(now - started, pause.least), pause.most))
    }
  }

  /** The option of kubectl for its time limit. @param seconds without a slow node */
  timeout(seconds: number): string {
    return `--timeout=${Math.ceil(seconds * this.#slowness)}s`
  }

  /**
   * Writes the preferences of clients. kubectl 1.34 uses validation by the server, which this
   * release lacks; validation by the client refuses newer fields of CRDs.
   */
  async writePreferences(): Promise<void> {
    const folder = join(this.folder, 'home', '.kube')
    await mkdir(folder, { recursive: true })
    const preferences = {
      apiVersion: 'kubectl.config.k8s.io/v1beta1',
      kind: 'Preference',
      defaults: ['apply', 'create'].map((command) => ({
        command,
        options: [{ name: 'validate', default: 'false' }],
      })),
    }
    await writeFile(join(folder, 'kuberc'), JSON.stringify(preferences))
  }
}
