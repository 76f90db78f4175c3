/** A container outside of pods, as its runtime knows it. */
export interface RuntimeContainer {
  /** Prefix of ids: `docker://ID`. */
  readonly scheme: string
  readonly id: string
  readonly name: string
  /** Empty: unknown. */
  readonly image: string
  readonly imageId: string
  readonly labels: Readonly<Record<string, string>>
  readonly created: Date
}

/** Labels that its runtime reports later. */
export type ContainerLabels = Pick<RuntimeContainer, 'id' | 'labels'>

/** The limit of Kubernetes for names; image references can be longer. */
export const nameMax = 253
export const imageMax = 1024
/** Maximum size of all labels: they are in each event, and images may bring any number. */
const labelsMax = 16 << 10
const printable = /^[\x21-\x7e]+$/

/** A name of a runtime; empty if the runtime cannot have accepted it. */
export function readName(value: unknown): string {
  return readPrintable(value, nameMax)
}

/** A reference or an id of an image; empty if it is none. */
export function readImage(value: unknown): string {
  return readPrintable(value, imageMax)
}

function readPrintable(value: unknown, max: number): string {
  return isPrintable(value, max) ? value : ''
}

/** Whether a value is a text without spaces that a runtime can have accepted as a name. */
export function isPrintable(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max && printable.test(value)
}

/** Labels of a container. Too many are omitted as a whole, so that none is missing unnoticed. */
export function readLabels(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const labels = Object.entries(value).filter(([, text]) => typeof text === 'string')
  const size = labels.reduce((sum, [name, text]) => sum + name.length + text.length, 0)
  return size > labelsMax ? {} : Object.fromEntries(labels)
}

/** Labels that the kubelet (kubelet/types/labels.go) and containerd add to those of a pod. */
const added = /^io\.(?:kubernetes\.pod\.(?:name|namespace|uid)|cri-containerd\.kind)$/

/**
 * Labels of a pod, from those of its sandbox: all of them, because policies select by them, and a
 * pod could escape from a policy with many labels. Events have a limit of their own.
 */
export function readPodLabels(
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !added.test(name)))
}

/** The time in a state file; `fallback` if it is none. */
export function readTime(value: unknown, fallback: Date): Date {
  const time = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(time.getTime()) ? fallback : time
}
