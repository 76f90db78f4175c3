import type { GetKernelResponse } from '@tetragon-ts/api'
import type { AgentAnswer } from '../connection/agents.ts'

/** A kernel that nodes have. */
export interface DistinctKernel {
  readonly hash: string
  readonly release: string
  /** Size of the description in bytes. */
  readonly size: number
  /** In order. */
  readonly nodes: readonly string[]
}

/** The different kernels of agents, those of the most nodes first. */
export function distinctKernels(
  answers: readonly AgentAnswer<GetKernelResponse>[],
): readonly DistinctKernel[] {
  const found = new Map<string, DistinctKernel & { readonly nodes: string[] }>()
  for (const { node, response } of answers) {
    if (response === undefined) continue
    const { hash = '', release = '', size = 0 } = response
    const kernel = found.get(hash) ?? { hash, release, size, nodes: [] }
    // A single agent has no name.
    if (node !== '') kernel.nodes.push(node)
    found.set(hash, kernel)
  }
  return [...found.values()].sort((a, b) => b.nodes.length - a.nodes.length)
}
