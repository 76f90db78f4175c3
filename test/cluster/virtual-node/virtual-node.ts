import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KernelImage } from '../../vm/kernel-image.ts'
import { runInVm, type VmError } from '../../vm/virtual-machine.ts'
import type { VirtualAddress } from '../node/cluster-node.ts'
import { enterNetwork } from '../node/namespaces.ts'
import { nodeKernel } from './kernel.ts'
import { readOnceThere, writeWhole } from './mailbox.ts'
import { type GuestOptions, type GuestState, joinFile, stateFile } from './options.ts'
import { fastMs } from './yardstick.ts'

/** Layers of images and files of pods are in memory. */
const memoryMiB = 4096
/** Milliseconds. A run takes minutes; this ends one that hangs, which a shell may do. */
const limitMs = 4 * 3_600_000

const guest = fileURLToPath(new URL('./guest.js', import.meta.url))

/** The network in which a virtual node has its card. */
interface Uplink {
  /** A process in this network. */
  readonly pid: number
  /** Interface whose other end the card is. */
  readonly link: string
}

function card({ link }: Uplink): readonly string[] {
  return [
    ...['-netdev', `tap,id=node,ifname=${link},script=no,downscript=no`],
    ...['-device', 'virtio-net-pci,netdev=node,romfile='],
  ]
}

/** A node in a virtual machine. It ends with this process, even if that is killed. */
export class VirtualNode {
  readonly address: VirtualAddress
  /** Release of its kernel. */
  readonly release: string
  /** Resolves when the machine has ended and its files are removed. */
  readonly ended: Promise<void>
  readonly #folder: string
  readonly #machine: Machine

  private constructor(address: VirtualAddress, release: string, machine: Machine) {
    this.address = address
    this.release = release
    this.#folder = address.mailbox
    this.ended = machine.ended
    this.#machine = machine
  }

  /**
   * Boots the machine, and starts containerd there.
   * @param kernel name of the kernel
   * @throws Error with the end of the machine's output
   */
  static async start(
    kernel: string,
    uplink: Uplink,
    options: GuestOptions,
    log: (line: string) => void,
  ): Promise<VirtualNode> {
    await mkdir(options.folder, { recursive: true })
    const machine = new Machine(await nodeKernel(kernel), uplink, options)
    const file = join(options.folder, stateFile)
    const state = await readOnceThere<GuestState>(file, () => machine.check())
    const slowness = Math.max(1, state.yardstickMs / fastMs)
    const times = `limits are ${slowness.toFixed(1)} times longer`
    log(`cluster: node with ${state.release}: Node.js starts in ${state.yardstickMs} ms: ${times}`)
    return new VirtualNode({ kernel, mailbox: options.folder, slowness }, state.release, machine)
  }

  /** Starts the kubelet, which adds the node to the cluster. */
  join(): Promise<void> {
    return writeWhole(join(this.#folder, joinFile), {})
  }

  /** @throws Error if the machine has ended */
  check(): void {
    this.#machine.check()
  }

  /** Switches the machine off, and waits until its programs have ended. */
  end(): Promise<void> {
    return this.#machine.end()
  }
}

/** A virtual machine that runs the guest's program until it is switched off. */
class Machine {
  readonly ended: Promise<void>
  readonly #abort = new AbortController()
  /** Set when it has ended. */
  #reason: string | undefined

  constructor(kernel: KernelImage, uplink: Uplink, options: GuestOptions) {
    const run = runInVm({
      kernel,
      command: [process.execPath, '--enable-source-maps', guest, JSON.stringify(options)],
      writable: [options.folder],
      cpus: 1,
      memoryMiB,
      timeoutMs: limitMs,
      qemuArgs: card(uplink),
      enter: enterNetwork(uplink.pid, []),
      signal: this.#abort.signal,
    })
    this.ended = run.then(
      ({ output }) => {
        this.#reason = output
      },
      (error: Error & Partial<VmError>) => {
        const { message, console = '', output = '' } = error
        this.#reason = [message, console, output].join('\n')
      },
    )
  }

  check(): void {
    if (this.#reason === undefined) return
    throw new Error(`run the virtual node: it has ended: ${this.#reason}`)
  }

  async end(): Promise<void> {
    this.#abort.abort()
    await this.ended
  }
}
