import { join } from 'node:path'
import { digestOf, type ProgramResult, runOrThrow, runProgram } from '@tetragon-ts/test/archives'
import { isAlive } from '../../vm/work-folder.ts'
import { type Request, send } from '../virtual-node/mailbox.ts'
import { guestRoot } from '../virtual-node/options.ts'
import { programFolder } from './names.ts'
import { enterNode } from './namespaces.ts'

/** What a process needs to use a node. */
export interface NodeAddress {
  /** Work folder: `node` is the node's root; beside it are logs. */
  readonly folder: string
  /** The first process of the node, or of its control plane, by its id on this machine. */
  readonly pid: number
  /** Set if the node is a virtual machine; otherwise it has the namespaces of the process. */
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

/** A node of a cluster, as its administrator uses it. */
export class ClusterNode {
  readonly #address: NodeAddress

  constructor(address: NodeAddress) {
    this.#address = address
  }

  /** Runs a program on the node, with the node's files. */
  run(command: readonly string[]): Promise<ProgramResult> {
    const { virtual, pid } = this.#address
    if (virtual !== undefined) return this.#send(virtual, { where: 'node', command })
    const [program, ...args] = enterNode(pid, command)
    return runProgram(program, args)
  }

  #send({ mailbox }: VirtualAddress, request: Request): Promise<ProgramResult> {
    return send(mailbox, request, () => this.check(request.command.join(' ')))
  }

  /** @throws Error if the node, or its control plane, has ended */
  check(what: string): void {
    if (!isAlive(this.#address.pid)) throw new Error(`cluster: it has ended: ${what}`)
  }

  /** Runs the client of containerd on the node; any exit code is accepted. */
  ctr(...args: readonly string[]): Promise<ProgramResult> {
    return this.run([`${programFolder}/bin/ctr`, '--namespace', 'k8s.io', ...args])
  }

  /**
   * Imports an archive (docker or OCI) into the node's container runtime. It also gets
   * the name of a pull by digest: events include the digest.
   * @param byTag whether it keeps its name with a tag, which a pull by digest does not have
   * @returns the name with the digest
   */
  async importImage(archive: string, { byTag = true } = {}): Promise<string> {
    const onNode = join('/tmp', archive.slice(archive.lastIndexOf('/') + 1))
    await this.#copy(archive, onNode)
    const imported = await this.ctr('images', 'import', onNode)
    await this.run(['rm', onNode])
    const name = /^unpacking (\S+)/m.exec(imported.stdout)?.[1]
    if (imported.exitCode !== 0 || name === undefined) {
      throw new Error(`import ${archive}: ${imported.stderr.trim() || imported.stdout.trim()}`)
    }
    const byDigest = `${name.slice(0, name.lastIndexOf(':'))}@${await digestOf(archive)}`
    await this.ctr('images', 'tag', '--force', name, byDigest)
    if (!byTag) await this.ctr('images', 'rm', name)
    return byDigest
  }

  async #copy(file: string, path: string): Promise<void> {
    const { virtual, folder } = this.#address
    if (virtual === undefined) {
      await runOrThrow('cp', [file, join(folder, 'node', path)])
      return
    }
    const command = ['cp', file, join(guestRoot, path)]
    const { exitCode, stderr } = await this.#send(virtual, { where: 'machine', command })
    if (exitCode !== 0) throw new Error(`copy ${file} to the node: ${stderr}`)
  }
}
