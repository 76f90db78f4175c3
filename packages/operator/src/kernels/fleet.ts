import { kernelPieces, kernelText, type NodeKernel } from '@tetragon-ts/policy/status'
import { type AgentPod, Agents } from '../policy-status/agents.ts'

/** Limits of the kernels that are kept: nodes choose what they claim. */
const defaultLimits = { kernels: 16, bytes: 24 << 20 }

/** A kernel with the agents that report it, in the order of their nodes. */
export interface FleetKernel extends NodeKernel {
  readonly pods: readonly AgentPod[]
}

/** The kernels of the nodes. */
export interface FleetKernels {
  /** Those that are kept; the ones of most nodes first. */
  readonly kept: readonly FleetKernel[]
  /** Those beyond the limits. */
  readonly refused: readonly FleetKernel[]
  /** Agents that have not reported a kernel. */
  readonly unknown: readonly AgentPod[]
}

/** Which nodes have which kernel, as their agents report it. */
export class Fleet {
  readonly agents = new Agents()
  readonly #limits: typeof defaultLimits
  #byPod = new Map<string, NodeKernel>()

  constructor(limits = defaultLimits) {
    this.#limits = limits
  }

  /** All reports that exist now, by the names of pods. */
  replace(reports: readonly PodKernel[]): void {
    this.#byPod = new Map()
    for (const report of reports) this.set(report)
  }

  /** @returns whether the kernel is another one: most reports are about policies */
  set({ pod, kernel }: PodKernel): boolean {
    if (kernel === undefined) return this.delete({ pod })
    const before = this.#byPod.get(pod)
    this.#byPod.set(pod, kernel)
    return before === undefined || kernelText(before) !== kernelText(kernel)
  }

  /** @returns whether it was there */
  delete({ pod }: Pick<PodKernel, 'pod'>): boolean {
    return this.#byPod.delete(pod)
  }

  get kernels(): FleetKernels {
    // A wrong size of one node must not affect the others with the same kernel.
    const byText = new Map<string, FleetKernel & { readonly pods: AgentPod[] }>()
    const unknown: AgentPod[] = []
    for (const pod of this.agents.all) {
      const kernel = this.#byPod.get(pod.name)
      const same = kernel && byText.get(kernelText(kernel))
      if (kernel === undefined) unknown.push(pod)
      else if (same) same.pods.push(pod)
      else byText.set(kernelText(kernel), { ...kernel, pods: [pod] })
    }
    const sorted = [...byText].sort(
      ([a, { pods: first }], [b, { pods: second }]) =>
        second.length - first.length || (a < b ? -1 : 1),
    )
    return { ...this.#limited(sorted.map(([, kernel]) => kernel)), unknown }
  }

  #limited(kernels: readonly FleetKernel[]): Pick<FleetKernels, 'kept' | 'refused'> {
    const kept: FleetKernel[] = []
    const refused: FleetKernel[] = []
    let bytes = 0
    for (const kernel of kernels) {
      const isRoom = kept.length < this.#limits.kernels && bytes + kernel.size <= this.#limits.bytes
      const isKnown = kept.some(({ hash }) => hash === kernel.hash)
      if (!isRoom || isKnown || kernelPieces(kernel) === undefined) refused.push(kernel)
      else {
        kept.push(kernel)
        bytes += kernel.size
      }
    }
    return { kept, refused }
  }
}

/** The kernel that the agent of a pod reports; undefined: none. */
export interface PodKernel {
  readonly pod: string
  readonly kernel: NodeKernel | undefined
}
