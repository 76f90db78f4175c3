import type { Pod } from '@tetragon-ts/api'
import type { ContainerPod } from '../processes/workload.ts'
import type { BundlePod, RuntimeNames } from './sources/bundle-pod.ts'

/** A pod as its runtime declares it, with the id of the container and when it was created. */
export interface DeclaredPod {
  readonly pod: BundlePod
  readonly names: RuntimeNames
  readonly id: string
  readonly created: Date
}

/** Prepares the pod's message for events. */
export function containerPod({ pod, names, id, created }: DeclaredPod): ContainerPod {
  const { namespace, name, uid, container } = pod
  const message: Pod = {
    namespace,
    name,
    ...(uid !== '' && { uid }),
    ...(container && {
      container: {
        id: `${names.scheme}://${id}`,
        name: container.name,
        ...(container.image !== '' && { image: { name: container.image } }),
        start_time: created.toISOString(),
      },
    }),
  }
  return preparePod(message)
}

/** Divides the JSON of a pod where the pid of the process belongs. */
function preparePod(message: Pod): ContainerPod {
  const { namespace, name, uid, container, ...later } = message
  const json = latin1(JSON.stringify({ namespace, name, uid, container }))
  const rest = latin1(JSON.stringify(later))
  const end = rest === '{}' ? '}' : `,${rest.slice(1)}`
  const hasContainer = container !== undefined
  // Without container the object of the pod ends here, else that of the container does too.
  const head = hasContainer ? json.slice(0, -2) : json.slice(0, -1) + end
  return { head, tail: hasContainer ? `}${end}` : '', hasContainer, message }
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
