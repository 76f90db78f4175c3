import type { GetKernelResponse } from './messages/inspect.ts'

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
  answers: readonly { readonly node: string; readonly response?: GetKernelResponse | undefined }[],
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
