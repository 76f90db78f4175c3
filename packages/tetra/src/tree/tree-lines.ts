import { escapeUnprintable, type Process } from '@tetragon-ts/api'
import type { ProcessNode } from './process-tree.ts'

/** Facts about a process that are shown after pid and program. */
export interface LineOptions {
  readonly arguments: boolean
  /** Longer lines are truncated. */
  readonly columns: number
}

/** `namespace/pod container`, or the container's id; empty for a process of the host. */
function locationOf({ pod, docker }: Process): string {
  if (pod === undefined) return docker ? docker.slice(0, 12) : ''
  return `${pod.namespace ?? ''}/${pod.name ?? ''} ${pod.container?.name ?? ''}`.trimEnd()
}

/** The processes of a tree, each before its descendants, with its depth. */
export function* inOrder(
  nodes: readonly ProcessNode[],
): Generator<{ readonly node: ProcessNode; readonly depth: number }, void, undefined> {
  const open = nodes.map((node) => ({ node, depth: 0 })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next
    const depth = next.depth + 1
    for (const node of [...next.node.children].reverse()) open.push({ node, depth })
  }
}

/** The tree as lines with branches; the location of a process is shown where it changes. */
export function* treeLines(
  nodes: readonly ProcessNode[],
  options: LineOptions,
): Generator<string, void, undefined> {
  // Trees of hostile processes can be too deep for recursion.
  const open = nodes.map((node) => ({ node, above: '', branch: '', around: '' })).reverse()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, above, branch, around } = next
    const { process, isEnded, children } = node
    const location = locationOf(process)
    const words = [
      String(process.pid ?? '?'),
      process.binary || '?',
      options.arguments ? (process.arguments ?? '') : '',
      location !== around && location !== '' ? `[${location}]` : '',
      isEnded ? '(ended)' : '',
    ]
    const text = escapeUnprintable(words.filter(Boolean).join(' '))
    yield `${above}${branch}${text}`.slice(0, options.columns)
    const indent = branch === '' ? above : above + (branch.startsWith('└') ? '   ' : '│  ')
    for (let i = children.length - 1; i >= 0; i--) {
      const isLast = i === children.length - 1
      open.push({
        node: children[i],
        above: indent,
        branch: isLast ? '└─ ' : '├─ ',
        around: location,
      })
    }
  }
}
