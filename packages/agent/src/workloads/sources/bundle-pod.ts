import { imageMax, isPrintable, nameMax } from './runtime-container.ts'

/** The pod of a container, from the annotations of its bundle. */
export interface BundlePod {
  readonly namespace: string
  readonly name: string
  /** Empty if the bundle lacks it. */
  readonly uid: string
  /** Undefined for the sandbox of the pod. */
  readonly container: BundleContainer | undefined
}

export interface BundleContainer {
  readonly name: string
  /** Empty if the bundle lacks it. */
  readonly image: string
}

/** The prefix of ids and the names of annotations of a CRI runtime. */
export interface RuntimeNames {
  /** In ids of containers: `containerd://ID`. */
  readonly scheme: string
  readonly type: string
  /** The type of sandboxes. */
  readonly sandbox: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly container: string
  readonly image: string
}

/** Mirrors pkg/cri/annotations/annotations.go of containerd. */
export const containerdNames: RuntimeNames = {
  scheme: 'containerd',
  type: 'io.kubernetes.cri.container-type',
  sandbox: 'sandbox',
  namespace: 'io.kubernetes.cri.sandbox-namespace',
  name: 'io.kubernetes.cri.sandbox-name',
  uid: 'io.kubernetes.cri.sandbox-uid',
  container: 'io.kubernetes.cri.container-name',
  image: 'io.kubernetes.cri.image-name',
}

/** Mirrors pkg/annotations of CRI-O, and the labels that the kubelet adds to a container. */
export const crioNames: RuntimeNames = {
  scheme: 'cri-o',
  type: 'io.kubernetes.cri-o.ContainerType',
  sandbox: 'sandbox',
  namespace: 'io.kubernetes.cri-o.Namespace',
  name: 'io.kubernetes.cri-o.KubeName',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
  image: 'io.kubernetes.cri-o.ImageName',
}

/** Mirrors the labels of cri-dockerd and of the kubelet; the image is the container's own. */
export const dockerNames: RuntimeNames = {
  scheme: 'docker',
  type: 'io.kubernetes.docker.type',
  sandbox: 'podsandbox',
  namespace: 'io.kubernetes.pod.namespace',
  name: 'io.kubernetes.pod.name',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
  image: 'image',
}

/**
 * Reads the annotations of a bundle.
 * @returns undefined if the container belongs to no pod, `malformed` if the runtime cannot have
 *   written these values
 */
export function readBundlePod(
  annotations: Readonly<Record<string, unknown>>,
  names: RuntimeNames,
): BundlePod | 'malformed' | undefined {
  const text = (key: string, limit = nameMax): string | undefined => {
    const value = Object.hasOwn(annotations, key) ? annotations[key] : ''
    if (value === '') return ''
    return isPrintable(value, limit) ? value : undefined
  }
  const type = text(names.type)
  if (type === '') return undefined
  const [namespace, name, uid] = [text(names.namespace), text(names.name), text(names.uid)]
  if (!namespace || !name || uid === undefined) return 'malformed'
  if (type === names.sandbox) return { namespace, name, uid, container: undefined }
  const [container, image] = [text(names.container), text(names.image, imageMax)]
  if (type !== 'container' || !container || image === undefined) return 'malformed'
  return { namespace, name, uid, container: { name: container, image } }
}
