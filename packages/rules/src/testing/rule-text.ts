import assert from 'node:assert/strict'
import type { Event, Process } from '@tetragon-ts/api'
import { compileRules } from '../engine/compile-rules.ts'
import type { RuleSet } from '../engine/rule-set.ts'
import { linkRules } from '../link/link-rules.ts'
import { readRules } from '../parse/read-rules.ts'

/** A rule on starts of programs with a detection. */
export function ruleText(
  detection: string,
  title = 'a rule',
  category = 'process_creation',
): string {
  const indented = detection.replace(/^/gm, '  ')
  return `title: ${title}\nlogsource: {product: linux, category: ${category}}\ndetection:\n${indented}\n`
}

/** Compiles rules that have no errors. */
export function compiled(...texts: readonly string[]): RuleSet {
  const { items, diagnostics } = readRules(texts.join('\n---\n'), 'rules.yaml')
  assert.deepEqual(diagnostics, [])
  const linked = linkRules(items)
  assert.deepEqual(linked.diagnostics, [])
  return compileRules(linked)
}

/** Titles of the rules that match the start of a program. */
export function matchesOf(
  rules: RuleSet,
  process: Process,
  parent: Process = {},
  ancestors: readonly Process[] = [],
): string[] {
  const event: Event = {
    key: 'process_exec',
    body: { process, parent, ancestors: [...ancestors] },
    response: { process_exec: { process, parent, ancestors: [...ancestors] } },
  }
  return rules
    .evaluateEvent(event)
    .filter(({ suppressedBy }) => suppressedBy === undefined)
    .map(({ rule }) => rule.title)
}

/** Errors of a text, as `code line:column`. */
export function errorsOf(text: string): string[] {
  return readRules(text, 'rules.yaml').diagnostics.map(({ code, line, column }) => {
    return `${code} ${line}:${column}`
  })
}
