import type { ASTNode } from '@marcbachmann/cel-js'
import { serialize } from '@marcbachmann/cel-js/serialize'
import { compileRegExp } from '../../regexp/regexp.ts'
import { own } from './environment.ts'

/** Functions that evaluate an expression for each element of a list. */
const loops: readonly unknown[] = ['all', 'exists', 'exists_one', 'filter', 'map']
/** Maximum number of loops in each other: more of them could take minutes for an event. */
const nestedMax = 2

/** What is wrong with an expression: an invalid pattern, or too many loops in each other. */
export interface BadPart {
  readonly start: number
  readonly end: number
  readonly reason: string
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

interface OpenNode {
  op: string
  args: unknown
}

/**
 * Replaces two functions of the library in an expression by our own: its `matches` expects
 * JavaScript patterns, and its `has` does not support messages whose fields have defaults.
 */
export function rewrite(ast: ASTNode): { text: string } | { bad: BadPart } {
  let bad: BadPart | undefined
  const visit = (value: unknown, outer: number): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, outer)
    if (!isNode(value)) return
    const nested = outer + Number(value.op === 'rcall' && loops.includes(value.args[0]))
    if (nested > nestedMax) {
      const { start, end } = value
      bad ??= { start, end, reason: `it has more than ${nestedMax} loops in each other` }
    }
    const node = value as OpenNode
    if (value.op === 'rcall' && value.args[0] === 'matches') {
      const [, text, [pattern]] = value.args
      bad ??= badPattern(pattern)
      node.args = [own.matches, text, [pattern]]
    }
    if (value.op === 'call' && value.args[0] === 'has') {
      const [field] = value.args[1]
      if (field.op === '.') {
        const [message, name] = field.args
        const literal: OpenNode = { op: 'value', args: name }
        node.args = [own.has, [message, literal]]
      }
    }
    visit(node.args, nested)
  }
  visit(ast, 0)
  return bad === undefined ? { text: serialize(ast) } : { bad }
}

function badPattern(node: ASTNode): BadPart | undefined {
  if (node.op !== 'value' || typeof node.args !== 'string') return undefined
  try {
    compileRegExp(node.args)
    return undefined
  } catch (error) {
    return { start: node.start, end: node.end, reason: (error as Error).message }
  }
}
