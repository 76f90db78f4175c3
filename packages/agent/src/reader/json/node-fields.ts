/** Maximum size of the labels in JSON: they are in each event. */
const labelsMax = 16 << 10

/** The members of all events that identify the node. */
export class NodeFields {
  readonly #names: string
  /** `"node_name":"…"`, and what else is shown of the node, as JSON in latin1. */
  text: string

  /** @param clusterName empty: not shown */
  constructor(nodeName: string, clusterName: string) {
    const cluster = clusterName === '' ? '' : `,"cluster_name":${json(clusterName)}`
    this.#names = `"node_name":${json(nodeName)}${cluster}`
    this.text = this.#names
  }

  /** Labels for later events. @returns a warning if there are too many */
  setLabels(labels: Readonly<Record<string, string>>): string | undefined {
    const text = json(labels)
    const isLong = text.length > labelsMax
    this.text = text === '{}' || isLong ? this.#names : `${this.#names},"node_labels":${text}`
    if (!isLong) return undefined
    return `show the labels of the node: they have ${text.length} bytes; events omit more than ${labelsMax}`
  }
}

function json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('latin1')
}
