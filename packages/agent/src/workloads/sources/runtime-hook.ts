import type { CreateContainer } from '@tetragon-ts/api'
import { RequestError } from '../../request-error.ts'
import { containerIdOfCgroup } from '../container-id.ts'
import type { DeclaredPod } from '../pod-text.ts'
import { type BundlePod, containerdNames, crioNames, readBundlePod } from './bundle-pod.ts'
import { readImage, readName } from './runtime-container.ts'

/**
 * Reads the report of a runtime hook about a container that is being created.
 * @returns undefined if the container belongs to no pod
 * @throws RequestError
 */
export function readCreateContainer(request: CreateContainer): DeclaredPod | undefined {
  const { annotations = {} } = request
  const names = Object.hasOwn(annotations, crioNames.type) ? crioNames : containerdNames
  const annotated = readBundlePod(annotations, names)
  if (annotated === 'malformed') throw invalid('annotations')
  const pod = namedPod(request, annotated)
  return pod && { pod, names, id: idOf(request), created: new Date() }
}

/** The pod of the fields, which are more specific than annotations. */
function namedPod(
  request: CreateContainer,
  annotated: BundlePod | undefined,
): BundlePod | undefined {
  const { podName = '', podNamespace = '', podUID = '' } = request
  const { containerName = '', containerImage = '' } = request
  if (podName === '' || podNamespace === '') return annotated
  const pod = {
    namespace: checked('podNamespace', podNamespace, readName),
    name: checked('podName', podName, readName),
    uid: checked('podUID', podUID, readName) || (annotated?.uid ?? ''),
  }
  const isSandbox = annotated !== undefined && annotated.container === undefined
  if (containerName === '' || isSandbox) return { ...pod, container: annotated?.container }
  const image = checked('containerImage', containerImage, readImage)
  return { ...pod, container: { name: checked('containerName', containerName, readName), image } }
}

/** The id of the container, which is also in the name of its control group. */
function idOf({ containerID = '', cgroupsPath = '' }: CreateContainer): string {
  const id = containerID || cgroupsPath.slice(cgroupsPath.lastIndexOf('/') + 1)
  const found = containerIdOfCgroup(id)
  if (found === '' || (containerID !== '' && found !== containerID)) {
    throw invalid(containerID === '' ? 'cgroupsPath' : 'containerID')
  }
  return found
}

function checked(field: string, value: string, read: (value: string) => string): string {
  if (read(value) !== value) throw invalid(field)
  return value
}

function invalid(field: string): RequestError {
  return new RequestError('invalid', `read CreateContainer: invalid ${field}`)
}
