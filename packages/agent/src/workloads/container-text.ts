import type { Container } from '@tetragon-ts/api'
import type { ContainerText } from '../processes/workload.ts'
import type { ContainerLabels, RuntimeContainer } from './sources/runtime-container.ts'

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
  return textOf(message)
}

/** Adds labels to a container. */
export function addLabels(text: ContainerText, { labels }: ContainerLabels): void {
  Object.assign(text, textOf({ ...text.message, labels }))
}

function textOf(message: Container): ContainerText {
  const { labels, ...first } = message
  const json = (value: object): string => Buffer.from(JSON.stringify(value)).toString('latin1')
  const head = json(first).slice(0, -1)
  return { head, tail: labels === undefined ? '}' : `,${json({ labels }).slice(1)}`, message }
}
