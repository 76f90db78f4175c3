// Files that import each other, also over others.

import { dirname, join } from 'node:path/posix'
import { importsOf } from './imports.mjs'

/** Circles of types may have this many files: two parts of a thought may name each other. */
const typesMax = 3

/**
 * Circles that have a value, or too many files: each as the list of its files.
 * @param texts texts of all files by their paths
 */
export function refusedCircles(texts) {
  const edges = (areValues) => {
    const targets = ([file, text]) => {
      const wanted = importsOf(text).filter(({ onlyTypes }) => !(areValues && onlyTypes))
      const paths = wanted.map(({ module }) => join(dirname(file), module))
      return [file, paths.filter((path) => texts.has(path))]
    }
    return new Map([...texts].map(targets))
  }
  const large = circlesOf(edges(false)).filter(({ length }) => length > typesMax)
  return [...circlesOf(edges(true)), ...large]
}

/** Strongly connected components of more than one node (Tarjan's algorithm). */
function circlesOf(edges) {
  const found = []
  const numbers = new Map()
  const lowest = new Map()
  const open = []
  const visit = (node) => {
    const number = numbers.size
    numbers.set(node, number)
    lowest.set(node, number)
    open.push(node)
    for (const next of edges.get(node)) {
      if (!numbers.has(next)) visit(next)
      if (open.includes(next)) lowest.set(node, Math.min(lowest.get(node), lowest.get(next)))
    }
    if (lowest.get(node) !== number) return
    const circle = open.splice(open.indexOf(node))
    if (circle.length > 1) found.push(circle)
  }
  for (const node of edges.keys()) if (!numbers.has(node)) visit(node)
  return found
}
