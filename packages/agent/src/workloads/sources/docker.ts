import { fields } from '@tetragon-ts/kubernetes'
import { dockerNames, readBundlePod } from './bundle-pod.ts'
import type { ContainerAnswer } from './container-answer.ts'
import { readImage, readLabels, readName, readTime } from './runtime-container.ts'
import { readTrustedJson } from './trusted-file.ts'

/** Arguments and environment are in it, too. */
const stateMax = 4 << 20
const daemonConfigMax = 1 << 16

/**
 * Reads a container of Docker from its state file, which the daemon writes before it starts the
 * container. The fields are those of container.Container of moby. A container of the kubelet
 * (cri-dockerd) has its pod in its labels.
 * @param root `/`, or where the root of the host can be reached
 */
export function readDockerContainer(root: string, id: string): ContainerAnswer {
  const answer = readTrustedJson(`${dataFolder(root)}/containers/${id}/config.v2.json`, stateMax)
  if (answer === undefined) return { kind: 'missing' }
  if (typeof answer === 'string') return { kind: 'fault', fault: answer }
  const state = fields(answer.value)
  const config = fields(state.Config)
  const name = readName(state.Name).replace(/^\//, '')
  if (state.ID !== id || name === '') return { kind: 'fault', fault: 'malformed' }
  const created = readTime(state.Created, new Date())
  const labels = fields(config.Labels)
  const image = readImage(config.Image)
  const pod = readBundlePod({ ...labels, [dockerNames.image]: image }, dockerNames)
  if (pod === 'malformed') return { kind: 'fault', fault: pod }
  if (pod !== undefined) return { kind: 'pod', pod, names: dockerNames, created }
  const container = {
    scheme: dockerNames.scheme,
    id,
    name,
    image,
    imageId: readImage(state.Image),
    labels: readLabels(labels),
    created,
  }
  return { kind: 'container', container }
}

/** The daemon's folder, which its configuration can move. */
function dataFolder(root: string): string {
  const config = readTrustedJson(`${root}/etc/docker/daemon.json`, daemonConfigMax)
  const moved = typeof config === 'object' ? fields(config.value)['data-root'] : undefined
  return typeof moved === 'string' && moved.startsWith('/')
    ? `${root}${moved}`
    : `${root}/var/lib/docker`
}
