import { nearest } from '@tetragon-ts/api/nearest'
import { fieldNames, findField, keywordFields, suggestedNames } from '../log-sources/find-field.ts'
import type { LogSource } from '../log-sources/log-source.ts'
import { plainText } from '../text/wildcard.ts'
import type { RuleDocument } from './document.ts'
import type { FieldFinder } from './read-item.ts'

/** Finds the fields of a log source, and reports those that it lacks. */
export function fieldsOfLogSource(document: RuleDocument, logSource: LogSource): FieldFinder {
  const { problems } = document
  return {
    keywords: keywordFields(logSource),
    find(written, { keyNode, node, path }) {
      const found = findField(logSource, written)
      if (found !== undefined && found.of !== 'nothing') return found
      const where = keyNode ?? node
      if (found === undefined) {
        const near = nearest(written, suggestedNames(logSource))
        const hint = near === undefined ? '' : `, did you mean ${JSON.stringify(near)}?`
        const names = fieldNames(logSource).join(', ')
        const head = `${logSource.name} has no field ${JSON.stringify(written)}${hint}`
        const message = `${head}; it has ${names}, and paths such as process.pod.namespace`
        problems.add(where, path, 'RULE_UNKNOWN_FIELD', message)
      } else {
        const message = `field ${written} cannot be answered: ${found.reason}`
        problems.add(where, path, 'RULE_UNANSWERABLE', message)
      }
      return undefined
    },
    isPossible({ of, path }, test, member) {
      const where = member.node ?? member.keyNode
      if (of === 'ancestors' && (test.kind === 'null' || test.kind === 'exists')) {
        const message = 'fields of ancestors have a value for each of them: none is missing'
        problems.add(where, member.path, 'RULE_VALUE', message)
      }
      if (of !== 'event' || test.kind !== 'text') return true
      const field = Object.hasOwn(logSource.fields, path) ? logSource.fields[path] : undefined
      if (field?.of !== 'event' || field.values === undefined) return true
      const { allowed, reason } = field.values
      const text = plainText(test.text)?.toLowerCase()
      if (text === undefined || allowed.some((each) => each.toLowerCase() === text)) return true
      // An error if nothing else can match: see readDetection.
      const message = `${path} is never ${JSON.stringify(text)}: ${reason}`
      problems.add(where, member.path, 'RULE_UNANSWERABLE', message, { severity: 'warning' })
      return false
    },
  }
}
