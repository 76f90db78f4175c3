import { escapeUnprintable } from '@tetragon-ts/api'

/** Creates the start of a line for an event of a node; all are as wide as the longest so far. */
export function nodeLabels(): (node: string | undefined) => string {
  let width = 0
  return (node) => {
    const text = escapeUnprintable(node || '?')
    width = Math.max(width, text.length)
    return `${text.padEnd(width)} `
  }
}
