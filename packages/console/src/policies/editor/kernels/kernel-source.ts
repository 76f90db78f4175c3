import { type DistinctKernel, distinctKernels } from '@tetragon-ts/api'
import type { Call } from '../../../page/call.ts'
import { fetchKernel } from './kernel-bytes.ts'

/** A kernel that can be chosen. */
export interface OfferedKernel {
  /** Unique in its source. */
  readonly key: string
  /** In the list to choose from. */
  readonly label: string
  /** Where it runs or comes from, once it is chosen. */
  readonly source: string
  /** Its description. @throws Error with the reason for the user */
  read(): Promise<Uint8Array>
}

/** Where kernels come from, besides files of the user. */
export interface KernelSource {
  /** Title of the list: `Kernels of the agents`. */
  readonly title: string
  /** @throws Error with the reason for the user */
  list(): Promise<readonly OfferedKernel[]>
}

/** The kernels of the agents that the page is connected to. */
export function agentKernels(call: Call): KernelSource {
  return {
    title: 'Kernels of the agents',
    async list() {
      const answers = await call('GetKernel', {})
      const kernels = distinctKernels(answers)
      const failure = answers.find((each) => each.failure !== undefined)?.failure
      if (kernels.length === 0 && failure !== undefined) throw new Error(failure)
      return kernels.map((kernel) => offered(kernel, () => fetchKernel(kernel, call)))
    },
  }
}

function offered(
  { hash, release, nodes }: DistinctKernel,
  read: OfferedKernel['read'],
): OfferedKernel {
  const [node = '', ...others] = nodes
  const count = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  return {
    key: hash,
    label: `${release}${nodes.length > 0 ? ` (${count})` : ''}`,
    source: node === '' ? 'the agent' : `${node}${more}`,
    read,
  }
}
