import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { digestOf, type ProgramResult, runOrThrow, runProgram } from '@tetragon-ts/archives'
import { isAlive } from '../vm/work-folder.ts'
import { configFolder, programFolder } from './node/names.ts'
import { enterNetwork, enterNode } from './node/namespaces.ts'
import { type Request, send } from './virtual-node/mailbox.ts'
import { guestRoot } from './virtual-node/options.ts'

/** Milliseconds. On an idle machine, waits take seconds. */
const waitLimit = 180_000
/** Milliseconds for the start of the cluster and the end of pods: minutes on a busy machine. */
export const slowLimit = 600_000

/** What another process needs to use a running cluster. */
export interface ClusterAddress {
  /** Work folder: the node's root, logs, the administrator's kubeconfig. */
  readonly folder: string
  /** Folder with the programs of the cluster. */
  readonly programs: string
  /** The first process of the control plane, by its id on this machine. */
  readonly pid: number
  /** Set if the node is a virtual machine; otherwise it shares these namespaces. */
  readonly virtual?: VirtualAddress
}

/** What another process needs to use a node that is a virtual machine. */
export interface VirtualAddress {
  /** Name of its kernel, as in the kernel matrix. */
  readonly kernel: string
  /** Folder for requests and answers. */
  readonly mailbox: string
  /** How many times slower it is than the machine for which time limits were chosen. */
  readonly slowness: number
}

/**
 * A Kubernetes cluster with one node. The control plane is in namespaces of its own on this
 * machine; so is the node, unless it is a virtual machine.
 */
export class Cluster {
  readonly address: ClusterAddress

  constructor(address: ClusterAddress) {
    this.address = address
  }

  /** Work folder: the node's root, logs, the administrator's kubeconfig. */
  get folder(): string {
    return this.address.folder
  }

  /** How many times slower the node is than the machine for which time limits were chosen. */
  get #slowness(): number {
    return this.address.virtual?.slowness ?? 1
  }

  /** Runs a program on the node, with the node's files. */
  onNode(command: readonly string[]): Promise<ProgramResult> {
    const { virtual } = this.address
    if (virtual !== undefined) return this.#send(virtual, { where: 'node', command })
    const [program, ...args] = this.commandAtControlPlane(command)
    return runProgram(program, args)
  }

  #send({ mailbox }: VirtualAddress, request: Request): Promise<ProgramResult> {
    return send(mailbox, request, () => this.#check(request.command.join(' ')))
  }

  /** @throws Error if the cluster has ended */
  #check(what: string): void {
    if (!isAlive(this.address.pid)) throw new Error(`cluster: it has ended: ${what}`)
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

  /** Runs the client of containerd on the node; any exit code is accepted. */
  ctr(...args: readonly string[]): Promise<ProgramResult> {
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
    await this.#copyToNode(archive, onNode)
    const imported = await this.ctr('images', 'import', onNode)
    await this.onNode(['rm', onNode])
    const name = /^unpacking (\S+)/m.exec(imported.stdout)?.[1]
    if (imported.exitCode !== 0 || name === undefined) {
      throw new Error(`import ${archive}: ${imported.stderr.trim() || imported.stdout.trim()}`)
    }
    const byDigest = `${name.slice(0, name.lastIndexOf(':'))}@${await digestOf(archive)}`
    await this.ctr('images', 'tag', '--force', name, byDigest)
    if (!byTag) await this.ctr('images', 'rm', name)
    return byDigest
  }

  async #copyToNode(file: string, path: string): Promise<void> {
    const { virtual } = this.address
    if (virtual === undefined) {
      await runOrThrow('cp', [file, join(this.folder, 'node', path)])
      return
    }
    const command = ['cp', file, join(guestRoot, path)]
    const { exitCode, stderr } = await this.#send(virtual, { where: 'machine', command })
    if (exitCode !== 0) throw new Error(`copy ${file} to the node: ${stderr}`)
  }

  /** The command line of a client, as the administrator. */
  #client(name: 'kubectl' | 'helm', args: readonly string[]): [program: string, ...args: string[]] {
    const environment = [
      `HOME=${join(this.folder, 'home')}`,
      `KUBECONFIG=${join(this.folder, 'node', configFolder, 'admin.conf')}`,
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
    while (!(await condition())) {
      this.#check(what)
      if (performance.now() > deadline) throw new Error(`cluster: timeout: ${what}`)
      await delay(200)
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
