import type { ASTNode } from '@marcbachmann/cel-js'
import { serialize } from '@marcbachmann/cel-js/serialize'
import { compileRegExp } from '../regexp.ts'
import { own } from './environment.ts'

/** An invalid pattern in an expression. */
export interface BadPattern {
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
export function rewrite(ast: ASTNode): { text: string } | { bad: BadPattern } {
  let bad: BadPattern | undefined
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit)
    if (!isNode(value)) return
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
    visit(node.args)
  }
  visit(ast)
  return bad === undefined ? { text: serialize(ast) } : { bad }
}

function badPattern(node: ASTNode): BadPattern | undefined {
  if (node.op !== 'value' || typeof node.args !== 'string') return undefined
  try {
    compileRegExp(node.args)
    return undefined
  } catch (error) {
    return { start: node.start, end: node.end, reason: (error as Error).message }
  }
}
