import { readFileSync } from 'node:fs'
import { isMap, isScalar, type Pair, parseDocument } from 'yaml'

/** Folder of the chart. */
export const chartFolder: URL = new URL('../../../deploy/helm/tetragon/', import.meta.url)

/** A value of the chart. */
export interface ChartValue {
  readonly default: unknown
  /** Its comment in values.yaml. */
  readonly meaning: string
}

/** Maps whose default has content, and whose names are still free: fields of Kubernetes. */
const freeMaps = [
  'tetragon.resources',
  'tetragon.securityContext',
  'tetragonOperator.affinity',
  'tetragonOperator.containerSecurityContext',
  'tetragonOperator.resources',
  'tetragonOperator.strategy',
]

/** The values of values.yaml by their path, such as `tetragon.grpc.address`, without groups. */
export function chartValues(): ReadonlyMap<string, ChartValue> {
  const document = parseDocument(readFileSync(new URL('values.yaml', chartFolder), 'utf8'))
  const values = new Map<string, ChartValue>()
  const visit = (node: unknown, prefix: string): void => {
    if (!isMap(node)) return
    node.items.forEach((pair, index) => {
      const path = prefix + String(pair.key)
      // A parser gives the comment of the first key to the map.
      const comment = (index === 0 ? node.commentBefore : undefined) ?? commentOf(pair)
      const isGroup = isMap(pair.value) && pair.value.items.length > 0 && !freeMaps.includes(path)
      if (isGroup) visit(pair.value, `${path}.`)
      else values.set(path, { default: plain(pair.value), meaning: sentence(comment) })
    })
  }
  visit(document.contents, '')
  return values
}

function commentOf({ key }: Pair): string | null | undefined {
  return isScalar(key) ? key.commentBefore : undefined
}

function plain(node: unknown): unknown {
  const isNode = typeof node === 'object' && node !== null && 'toJSON' in node
  return isNode && typeof node.toJSON === 'function' ? node.toJSON() : node
}

/** The last paragraph of a comment: earlier ones belong to the file. */
function sentence(comment: string | null | undefined): string {
  const paragraph = (comment ?? '').split(/\n\s*\n/).at(-1) ?? ''
  return paragraph.replaceAll(/\s*\n\s*/g, ' ').trim()
}
