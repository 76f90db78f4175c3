import type { Code, Int } from '@tetragon-ts/ebpf/lang'
import { KernfsNode } from './types.ts'

/** Maximum number of nested groups without bpf_loop: the verifier walks each of them. */
const plainLevels = 64
/** With bpf_loop: deeper than any path of a system call. */
const callbackLevels = 2048

/**
 * Visits a control group and its parents.
 * @param node address of the group's node (struct kernfs_node)
 * @param visit gets the address of a group's node, and that of its name
 */
export function eachLevel(
  k: Code,
  node: Int,
  visit: (group: { readonly at: Int; readonly name: Int }, leave: () => void) => void,
): void {
  const at = k.variable(node)
  k.loop(k.target.bpfLoop ? callbackLevels : plainLevels, (_, leave) => {
    k.when(at.eq(0), leave)
    const { name, parent } = k.snapshot(KernfsNode, at, ['name', 'parent'])
    visit({ at, name }, leave)
    at.set(k.address(parent))
  })
}
