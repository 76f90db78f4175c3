import { escapeUnprintable } from '@tetragon-ts/api'
import type { KernelResult } from './check-kernel.ts'
import type { NoResult } from './check-process.ts'

/** Nodes with the same kernel, and the result about it. */
export interface NodesResult {
  readonly nodes: readonly string[]
  /** `unknown`: not described yet; `refused`: beyond the limits of the operator. */
  readonly result: KernelResult | NoResult | 'unknown' | 'refused'
}

/** Nodes that a warning names, and characters of their names: kubectl shows 256 of a warning. */
const namesMax = 3
const nameMax = 40
const releaseMax = 40

const unchecked = {
  late: 'checking takes too long',
  failed: 'the description of the kernel cannot be checked',
  unknown: 'the kernel has not been described yet',
  refused: 'there are too many different kernels, or its description is too large',
} as const satisfies Record<Exclude<NodesResult['result'], KernelResult>, string>

/** A warning for each difference between what a policy says and what nodes do. */
export function kernelWarnings(results: readonly NodesResult[]): readonly string[] {
  const fails: string[] = []
  const weak: string[] = []
  const open = new Map<string, string[]>()
  for (const { nodes, result } of results) {
    if (nodes.length === 0) continue
    if (typeof result === 'object' && result.kind === 'checked') {
      const where = `${nodesText(nodes)} (kernel ${shortened(result.release, releaseMax)})`
      fails.push(...result.problems.map((text) => `does not work on ${where}: ${text}`))
      weak.push(...result.weak.map((text) => `is weaker on ${where}: ${text}`))
    } else {
      const reason = typeof result === 'object' ? unchecked.failed : unchecked[result]
      open.set(reason, [...(open.get(reason) ?? []), ...nodes])
    }
  }
  const notChecked = [...open].map(([reason, nodes]) => {
    return `was not checked for ${nodesText(nodes)}: ${reason}`
  })
  return [...fails, ...weak, ...notChecked].map((text) => escapeUnprintable(`the policy ${text}`))
}

/** Such as `nodes a, b, c and 4 more`. */
function nodesText(nodes: readonly string[]): string {
  const names = nodes.slice(0, namesMax).map((name) => shortened(name, nameMax))
  const more = nodes.length - names.length
  return `node${nodes.length > 1 ? 's' : ''} ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function shortened(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text
}
