import type { Comparison, FieldReader } from '../comparison.ts'
import { and, or, test } from '../term.ts'
import { anyOf, flag, missing, presence, text } from './field-readers.ts'
import type { FalcoFields } from './field-table.ts'

/** The container is known from a pod or, without Kubernetes, from the runtime. */
const containers = ['process.pod.container', 'process.container'] as const

function ofContainer(path: string, of: (field: string) => FieldReader = text): FieldReader {
  return anyOf(...containers.map((container) => of(`${container}.${path}`)))
}

/** The image without its tag or digest: events have the whole name. */
function repository(field: string): FieldReader {
  const whole = text(field)
  return (comparison: Comparison) => {
    const { how, values } = comparison
    const open = ['', ':*', '@*']
    const key = (modifiers: string): string => {
      return `${field}${modifiers}${comparison.cased ? '|cased' : ''}`
    }
    const escaped = values.map((value) => value.replace(/[\\*?]/g, '\\$&'))
    if (how === 'equals') {
      return test(key(''), ...escaped.flatMap((value) => open.map((end) => `${value}${end}`)))
    }
    if (how === 'endswith') {
      return test(key(''), ...escaped.flatMap((value) => open.map((end) => `*${value}${end}`)))
    }
    if (how === 'startswith' || how === 'contains' || how === 'exists') return whole(comparison)
    return missing(
      'the repository of an image is compared with =, in, startswith, endswith and contains',
    )(comparison)
  }
}

/** The id of a container: events have its first 31 characters, Falco shows 12. */
const id: FieldReader = (comparison) => {
  const { how, values } = comparison
  if (how !== 'equals') return text('process.docker')(comparison)
  const shown = values.map((value) => value.slice(0, 31))
  return text('process.docker')({ ...comparison, how: 'startswith', values: shown })
}

/** Fields `container.*` and `k8s.*`. */
export const workloadFields: FalcoFields = {
  plain: {
    'container.id': presence('process.docker', 'host', id),
    'container.full_id': presence('process.docker', 'host', id),
    'container.name': presence('process.docker', 'host', ofContainer('name')),
    'container.image': ofContainer('image.name'),
    'container.image.repository': ofContainer('image.name', repository),
    'container.image.id': ofContainer('image.id'),
    'container.image.tag': missing('events have the whole name of the image: use container.image'),
    'container.image.digest': ofContainer('image.id'),
    'container.privileged': flag(
      or(containers.map((each) => test(`${each}.security_context.privileged`, true))),
    ),
    'container.type': missing('events do not name the runtime'),
    'container.mounts': missing('events do not have the mounts of a container'),
    'container.labels': missing('name the label: container.label.NAME'),
    'k8s.ns.name': text('process.pod.namespace'),
    'k8s.pod.name': text('process.pod.name'),
    'k8s.pod.uid': text('process.pod.uid'),
    'k8s.pod.id': text('process.pod.uid'),
    'k8s.pod.ip': missing('events do not have the address of a pod'),
    'k8s.deployment.name': (comparison) => {
      const isDeployment = test('process.pod.workload_kind', 'Deployment')
      return and([isDeployment, text('process.pod.workload')(comparison)])
    },
  },
  indexed: {
    'k8s.pod.label': (label) => text(`process.pod.pod_labels.${label}`),
    'container.mount': () => missing('events do not have the mounts of a container'),
  },
}
