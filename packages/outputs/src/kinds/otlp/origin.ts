import type { MessageOf } from '@tetragon-ts/api'
import type { Resource, Scope } from './common-messages.ts'
import { keyValues } from './otlp-attributes.ts'

/** The agent that sends a request. */
export interface Sender {
  readonly version: string
  readonly node: string
  readonly cluster: string | undefined
  /** Distinguishes series of agents; logs need none. */
  readonly instance?: string
}

/** The origin of logs and metrics. */
export function originOf({ version, node, cluster, instance }: Sender): {
  readonly resource: MessageOf<typeof Resource>
  readonly scope: MessageOf<typeof Scope>
} {
  const attributes = keyValues({
    'service.name': 'tetragon',
    'service.version': version,
    'service.instance.id': instance,
    'host.name': node,
    'os.type': 'linux',
    'k8s.cluster.name': cluster,
  })
  return { resource: { attributes }, scope: { name: 'tetragon', version } }
}
