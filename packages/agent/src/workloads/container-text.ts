import type { Container } from '@tetragon-ts/api'
import type { ContainerText } from '../processes/workload.ts'
import type { RuntimeContainer } from './sources/runtime-container.ts'

/** A container outside of pods in events. */
export function containerText({
  scheme,
  id,
  name,
  image,
  imageId,
  labels,
  created,
}: RuntimeContainer): ContainerText {
  const message: Container = {
    id: `${scheme}://${id}`,
    name,
    image: { ...(imageId !== '' && { id: imageId }), ...(image !== '' && { name: image }) },
    start_time: created.toISOString(),
    ...(Object.keys(labels).length > 0 && { labels }),
  }
  const { labels: last, ...first } = message
  const json = (value: object): string => Buffer.from(JSON.stringify(value)).toString('latin1')
  const head = json(first).slice(0, -1)
  return { head, tail: last === undefined ? '}' : `,${json({ labels: last }).slice(1)}`, message }
}
