import { everythingPolicy } from '@tetragon-ts/policy/schema'
import { isCollection, isSeq, type Node, parseDocument } from 'yaml'
import { splitPath } from './field-path.ts'
import type { Resource } from './resources.ts'

const wholePolicy = (kind: string, namespace: string): string => `apiVersion: cilium.io/v1alpha1
kind: ${kind}
metadata:
  name: watch-connections${namespace}
spec:
  kprobes:
    - call: tcp_connect
      syscall: false
      args:
        - index: 0
          type: sock
      selectors:
        - matchArgs:
            - index: 0
              operator: NotDAddr
              values: ["127.0.0.0/8"]
          matchActions:
            - action: Post
              rateLimit: 1m
`

const podInfo = `apiVersion: cilium.io/v1alpha1
kind: PodInfo
metadata:
  name: web-7d4b9c6f5-x2x8p
  namespace: default
spec:
  hostNetwork: false
  nodeName: node-1
status:
  podIP: 10.0.1.17
  podIPs:
    - IP: 10.0.1.17
    - IP: fd00::1:11
workloadType:
  apiVersion: apps/v1
  kind: Deployment
workloadObject:
  name: web
  namespace: default
`

/** Follows names; of several items in a list, the first with the field. */
function descend(node: unknown, names: readonly string[]): Node | undefined {
  if (names.length === 0) return node as Node
  if (isSeq(node)) {
    for (const item of node.items) {
      const found = descend(item, names)
      if (found !== undefined) return found
    }
    return undefined
  }
  const [name, ...rest] = names
  const child = isCollection(node) ? node.get(name, true) : undefined
  return child === undefined ? undefined : descend(child, rest)
}

/** A complete example of a resource. */
function examplesOf(kind: string): { readonly whole: string; readonly parts: () => string } {
  if (kind === 'PodInfo') return { whole: podInfo, parts: () => podInfo }
  const namespace = kind === 'TracingPolicyNamespaced' ? '\n  namespace: default' : ''
  return { whole: wholePolicy(kind, namespace), parts: everythingPolicy }
}

/** A resource, or the part at a path, as YAML; undefined if there is no example. */
export function example({ kind }: Resource, path: string): string | undefined {
  const names = splitPath(path)
  const { whole, parts } = examplesOf(kind)
  if (names.length === 0) return whole
  const document = parseDocument(parts())
  const found = descend(document.contents, names)
  if (found === undefined) return undefined
  const last = names[names.length - 1]
  const part = parseDocument('{}')
  part.contents = part.createNode({ [last]: null }) as typeof part.contents
  part.set(last, found)
  return part.toString({ lineWidth: 100, flowCollectionPadding: false })
}
