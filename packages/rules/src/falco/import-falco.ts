import { readYamlDocuments } from '@tetragon-ts/policy/yaml'
import type { RuleDiagnostic } from '../diagnostics/diagnostic.ts'
import { Problems } from '../diagnostics/problems.ts'
import { readRules } from '../parse/read-rules.ts'
import type { FalcoCondition } from './condition.ts'
import { eventTypes } from './event-types.ts'
import { exceptionCondition, type FalcoRule } from './falco-rule.ts'
import { outputFields } from './output-fields.ts'
import { parseFalcoCondition } from './parse-condition.ts'
import { FalcoItems } from './read-items.ts'
import { and, type Term, test, whyUnknown } from './term.ts'
import { FalcoSyntaxError } from './tokens.ts'
import { type FalcoMacros, Translator } from './translate.ts'
import { execView, viewsOf } from './views/index.ts'
import type { View } from './views/view.ts'
import { writeRule } from './write-rule.ts'

/** A file of Falco's rules. */
export interface FalcoFile {
  readonly text: string
  /** Name in diagnostics. */
  readonly file: string
}

/** Rules of Falco in Sigma's language. */
export interface FalcoImport {
  /** A document for each rule and log source. */
  readonly documents: readonly string[]
  /** Numbers of Falco's rules. */
  readonly counts: {
    readonly translated: number
    /** One of the log sources of the rule is refused. */
    readonly partly: number
    readonly refused: number
    readonly disabled: number
  }
  /** Errors name the rules that are refused, warnings what differs. */
  readonly diagnostics: readonly RuleDiagnostic[]
}

/**
 * Translates files of Falco's rules, which are loaded in order. Never throws: a rule that cannot be
 * translated is an error with its position, and the others go on.
 */
export function importFalco(files: readonly FalcoFile[]): FalcoImport {
  const items = new FalcoItems()
  const all: Problems[] = []
  const diagnostics: RuleDiagnostic[] = []
  for (const { text, file } of files) {
    const { trees, problems: faults } = readYamlDocuments(text)
    for (const { message, line, column } of faults) {
      const where = { severity: 'error', code: 'RULE_YAML', path: '', file, line, column } as const
      diagnostics.push({ ...where, message: `parse YAML: ${message}` })
    }
    for (const tree of trees) {
      const problems = new Problems(file, tree)
      all.push(problems)
      items.read({ tree, problems })
    }
  }
  const macros = parseMacros(items)
  const documents: string[] = []
  const counts = { translated: 0, partly: 0, refused: 0, disabled: 0 }
  for (const rule of items.rules.values()) {
    if (!rule.isEnabled) counts.disabled++
    else {
      const { texts, isWhole } = translateRule(rule, items, macros)
      documents.push(...texts)
      counts[texts.length === 0 ? 'refused' : isWhole ? 'translated' : 'partly']++
    }
  }
  diagnostics.push(...all.flatMap((problems) => problems.diagnostics))
  return { documents, counts, diagnostics }
}

/** Macros with an error are missing for the rules that use them. */
function parseMacros({ macros, lists }: FalcoItems): FalcoMacros {
  const parsed = new Map<string, FalcoCondition>()
  for (const [name, { text, node, problems }] of macros) {
    try {
      parsed.set(name, parseFalcoCondition(text, lists))
    } catch (error) {
      if (!(error instanceof FalcoSyntaxError)) throw error
      problems.add(node, `macro ${name}`, error.code, `macro ${name}: ${error.message}`)
    }
  }
  return parsed
}

interface Translated {
  readonly texts: readonly string[]
  readonly isWhole: boolean
}

function translateRule(rule: FalcoRule, { lists }: FalcoItems, macros: FalcoMacros): Translated {
  const { problems, node } = rule.condition
  const refuse = (reason: string, code: 'RULE_UNANSWERABLE' | 'RULE_CONDITION'): void => {
    problems.add(node, `rule ${rule.name}`, code, `${rule.name}: ${reason}`)
  }
  const nothing = { texts: [], isWhole: false }
  if (rule.source !== 'syscall') {
    refuse(`source ${rule.source}: only system calls are observed`, 'RULE_UNANSWERABLE')
    return nothing
  }
  try {
    const condition = parseFalcoCondition(rule.condition.text, lists)
    const exceptions = rule.exceptions
      .filter(({ cases }) => cases.length > 0)
      .map((each): FalcoCondition => ({ kind: 'not', of: exceptionCondition(each, lists) }))
    const whole: FalcoCondition = { kind: 'and', of: [condition, ...exceptions] }
    const types = eventTypes(condition, macros)
    const { views, unanswerable } =
      types.size === 0 ? { views: [execView], unanswerable: [] } : viewsOf(types)
    for (const reason of unanswerable) refuse(reason, 'RULE_UNANSWERABLE')
    const parts: {
      readonly view: View
      readonly term: Term
      readonly fields: readonly string[]
    }[] = []
    let isWhole = unanswerable.length === 0
    for (const view of views) {
      const translator = new Translator(view, macros)
      const own = translator.translate(whole)
      if (own.kind === 'constant' && !own.value) continue
      const isAlways = own.kind === 'constant' && view.base === undefined
      const term = isAlways ? anyProcess : and([...(view.base ? [view.base] : []), own])
      const reason = whyUnknown(term)
      if (reason !== undefined) {
        refuse(`${view.types[0]}: ${reason}`, 'RULE_UNANSWERABLE')
        isWhole = false
      } else parts.push({ view, term, fields: outputFields(rule.output, translator) })
    }
    if (parts.length === 0 && isWhole) refuse('no event matches the condition', 'RULE_UNANSWERABLE')
    const texts = parts.map((part) => {
      return writeRule({ rule, ...part, isOneOfSeveral: parts.length > 1 })
    })
    for (const text of texts) {
      const [error] = readRules(text, rule.name).diagnostics.filter((each) => {
        return each.severity === 'error'
      })
      if (error === undefined) continue
      refuse(error.message, 'RULE_UNANSWERABLE')
      return nothing
    }
    return { texts, isWhole }
  } catch (error) {
    if (!(error instanceof FalcoSyntaxError)) throw error
    refuse(error.message, error.code)
    return nothing
  }
}

/** For a rule whose condition is decided by the log source alone. */
const anyProcess: Term = test('ProcessId|exists', true)
