import { isExtensionNumber, type MessageType } from '@tetragon-ts/api'
import type { FieldPaths } from './field-choice.ts'

type Tree = FieldPaths['tree']

/**
 * The fields that we add to an event's messages, as paths to drop; undefined without any. No
 * message of an event contains itself.
 */
export function extensionPaths(message: MessageType): FieldPaths | undefined {
  const tree = extensionTree(message)
  return tree.size === 0 ? undefined : { keep: false, tree }
}

function extensionTree({ fields }: MessageType): Tree {
  const tree: Tree = new Map()
  for (const [name, { number, type }] of Object.entries(fields)) {
    if (isExtensionNumber(number)) tree.set(name, null)
    else if (typeof type !== 'string' && type.kind === 'message') {
      const inner = extensionTree(type)
      if (inner.size > 0) tree.set(name, inner)
    }
  }
  return tree
}
