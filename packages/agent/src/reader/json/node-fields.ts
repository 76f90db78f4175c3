import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import type { EncodedJson } from './process-offsets.ts'

/** Maximum size of the labels in JSON: they are in each event. */
const labelsMax = 16 << 10

/** The members of all events that identify the node. */
export class NodeFields {
  readonly #names: string
  /** `"node_name":"…"`, and what else is shown of the node, as JSON in latin1. */
  text: string
  /** The same with a leading comma, as bytes. */
  bytes: Uint8Array
  /** The labels at the end of the text, which are encoded once. */
  labels: EncodedJson | undefined

  /** @param clusterName empty: not shown */
  constructor(nodeName: string, clusterName: string) {
    const cluster = clusterName === '' ? '' : `,"cluster_name":${json(clusterName)}`
    this.#names = `"node_name":${json(nodeName)}${cluster}`
    this.text = this.#names
    this.bytes = bytesOf(this.text)
  }

  /** Labels for later events. @returns a warning if there are too many */
  setLabels(labels: Readonly<Record<string, string>>): string | undefined {
    const warning = this.#addLabels(labels)
    this.bytes = bytesOf(this.text)
    return warning
  }

  #addLabels(labels: Readonly<Record<string, string>>): string | undefined {
    const head = json(labels)
    const isLong = head.length > labelsMax
    this.text = this.#names
    this.labels = undefined
    if (isLong) {
      const effect = `events omit more than ${labelsMax}`
      return `show the labels of the node: they have ${head.length} bytes; ${effect}`
    }
    if (head === '{}') return undefined
    const wire = codecOf(GetEventsResponse).encode({ node_labels: { ...labels } })
    this.text += `,"node_labels":${head}`
    this.labels = { head, wire: wire.toString('latin1') }
    return undefined
  }
}

const bytesOf = (text: string): Uint8Array => Buffer.from(`,${text}`, 'latin1')

function json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('latin1')
}
