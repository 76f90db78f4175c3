import type { Diagnostic } from '@codemirror/lint'
import type { EditorState } from '@codemirror/state'
import { escapeUnprintable } from '@tetragon-ts/api'
import type { Finding } from '../../checker/results.ts'

/** Offset of a position; the nearest one if the text is shorter. @param line and column from 1 */
export function offsetOf({ doc }: EditorState, line: number, column: number): number {
  const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines))
  return Math.min(from + Math.max(column, 1) - 1, to)
}

/** Underlines the word at the position of a finding, and offers its suggestion. */
export function diagnosticOf(state: EditorState, finding: Finding): Diagnostic {
  const { severity, line, column, text, code, suggestion } = finding
  const from = offsetOf(state, line, column)
  const rest = state.doc.lineAt(from).to
  const [word] = /^(?:"[^"]*"|'[^']*'|[\w.$/-]*)/.exec(state.sliceDoc(from, rest)) ?? ['']
  const [quote] = /^["']/.exec(word) ?? ['']
  const to = from + word.length
  const actions =
    suggestion === undefined || word === ''
      ? []
      : [
          {
            name: `Use ${suggestion}`,
            apply: (view: Parameters<NonNullable<Diagnostic['actions']>[number]['apply']>[0]) => {
              view.dispatch({ changes: { from, to, insert: `${quote}${suggestion}${quote}` } })
            },
          },
        ]
  const source = code === undefined ? {} : { source: code }
  return { from, to, severity, message: escapeUnprintable(text), actions, ...source }
}
