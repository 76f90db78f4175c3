import { type Document, isScalar, LineCounter } from 'yaml'
import type { Position } from '../diagnostics/diagnostic.ts'
import { parseYaml, positionOf, tooDeep } from './policy-document.ts'
import { findExcess } from './text-limits.ts'
import { locator, YamlTree } from './yaml-tree.ts'

export {
  Document,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  parseDocument,
  type Scalar,
  stringify as writeYaml,
  visit,
  YAMLMap,
  type YAMLSeq,
} from 'yaml'
export type { Position } from '../diagnostics/diagnostic.ts'
export { itemPath, memberPath } from './path.ts'
export { type Entry, YamlTree } from './yaml-tree.ts'

/** A YAML error and its position. */
export interface YamlProblem extends Position {
  readonly message: string
}

/** The documents of a YAML file that have no syntax errors, and the errors of the others. */
export interface YamlDocuments {
  readonly trees: readonly YamlTree[]
  readonly problems: readonly YamlProblem[]
}

/** Maximum number of errors; more would not help. */
const problemsMax = 100

/**
 * Reads the documents of a YAML file of another language than policies. Never throws. A file that
 * would take more than about a second is refused before it is parsed (text-limits.ts).
 */
export function readYamlDocuments(text: string): YamlDocuments {
  const failed = (message: string, position: Position): YamlDocuments => ({
    trees: [],
    problems: [{ message, ...position }],
  })
  const excess = whole(findExcess(text, 'stranger'))
  if (excess !== undefined) return failed(excess.what, positionOf(text, excess.offset))
  const lineCounter = new LineCounter()
  const at = locator(lineCounter, text.split(/\r?\n/))
  const trees: YamlTree[] = []
  const problems: YamlProblem[] = []
  try {
    for (const document of whole(parseYaml(text, lineCounter))) {
      const [error] = document.errors
      if (error !== undefined) {
        if (problems.length < problemsMax) {
          const message = error.code === 'RESOURCE_EXHAUSTION' ? tooDeep : error.message
          problems.push({ message, ...at(error.pos[0]) })
        }
        continue
      }
      if (!isEmpty(document)) trees.push(new YamlTree(document, at))
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return failed(tooDeep, { line: 1, column: 1 })
  }
  return { trees, problems }
}

function whole<Result>(steps: Generator<undefined, Result>): Result {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

function isEmpty({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null)
}
