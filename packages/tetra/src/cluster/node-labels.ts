import { escapeUnprintable } from '@tetragon-ts/api'

/** Events name nodes: without a maximum, one agent could make the lines of all nodes long. */
const widthMax = 63

/** Creates the start of a line for an event of a node; all are as wide as the longest so far. */
export function nodeLabels(): (node: string | undefined) => string {
  let width = 0
  return (node) => {
    const text = escapeUnprintable(node || '?')
    width = Math.min(Math.max(width, text.length), widthMax)
    return `${text.padEnd(width)} `
  }
}
