import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KernelImage } from '../../vm/kernel-image.ts'
import { runInVm, type VmError } from '../../vm/virtual-machine.ts'
import type { VirtualAddress } from '../node/cluster-node.ts'
import { gatewayLink } from '../node/names.ts'
import { enterNetwork } from '../node/namespaces.ts'
import { nodeKernel } from './kernel.ts'
import { readOnceThere } from './mailbox.ts'
import { type GuestOptions, type GuestState, stateFile } from './options.ts'
import { fastMs } from './yardstick.ts'

/** Layers of images and files of pods are in memory. */
const memoryMiB = 4096
/** Milliseconds. A run takes minutes; this ends one that hangs, which a shell may do. */
const limitMs = 4 * 3_600_000

const guest = fileURLToPath(new URL('./guest.js', import.meta.url))

/** The card is the other end of the control plane's link. */
const card = [
  ...['-netdev', `tap,id=node,ifname=${gatewayLink},script=no,downscript=no`],
  ...['-device', 'virtio-net-pci,netdev=node,romfile='],
]

/** A node in a virtual machine. It ends with this process, even if that is killed. */
export class VirtualNode {
  readonly address: VirtualAddress
  /** Resolves when the machine has ended and its files are removed. */
  readonly ended: Promise<void>
  readonly #machine: Machine

  private constructor(address: VirtualAddress, machine: Machine) {
    this.address = address
    this.ended = machine.ended
    this.#machine = machine
  }

  /**
   * Boots the machine, and starts containerd and the kubelet there.
   * @param kernel name of the kernel
   * @param controlPlane process in whose network the machine is
   * @throws Error with the end of the machine's output
   */
  static async start(
    kernel: string,
    controlPlane: number,
    options: GuestOptions,
    log: (line: string) => void,
  ): Promise<VirtualNode> {
    await mkdir(options.folder, { recursive: true })
    const machine = new Machine(await nodeKernel(kernel), controlPlane, options)
    const file = join(options.folder, stateFile)
    const state = await readOnceThere<GuestState>(file, () => machine.check())
    const slowness = Math.max(1, state.yardstickMs / fastMs)
    const times = `limits are ${slowness.toFixed(1)} times longer`
    log(`cluster: node with ${state.release}: Node.js starts in ${state.yardstickMs} ms: ${times}`)
    return new VirtualNode({ kernel, mailbox: options.folder, slowness }, machine)
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

  constructor(kernel: KernelImage, controlPlane: number, options: GuestOptions) {
    const run = runInVm({
      kernel,
      command: [process.execPath, '--enable-source-maps', guest, JSON.stringify(options)],
      writable: [options.folder],
      cpus: 1,
      memoryMiB,
      timeoutMs: limitMs,
      qemuArgs: card,
      enter: enterNetwork(controlPlane, []),
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
