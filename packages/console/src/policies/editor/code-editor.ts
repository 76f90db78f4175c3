import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { type IndentContext, indentService, indentUnit, StreamLanguage } from '@codemirror/language'
import { yaml } from '@codemirror/legacy-modes/mode/yaml'
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint'
import type { EditorState } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
  type Tooltip,
} from '@codemirror/view'
import { fieldFacts } from '@tetragon-ts/policy/schema'
import type { Finding } from '../../checker/results.ts'
import { editorTheme } from './code-editor-theme.ts'
import { fieldDocumentation } from './field-documentation.ts'
import { diagnosticOf, offsetOf } from './finding-marks.ts'
import { explanationAt, suggestionsAt } from './schema-help.ts'
import { typeOverSelection } from './type-over-selection.ts'
import { indentAfter } from './yaml-indent.ts'

/** Characters that change the direction of text, besides those that CodeMirror shows by itself. */
const directions = /[\u202a-\u202c\u2068]/gu

export interface CodeEditorOptions {
  readonly text: string
  readonly onEdit: (text: string) => void
  /** The user leaves it by Escape. */
  readonly onLeave: () => void
}

/** An editor of a policy. */
export class CodeEditor {
  readonly #view: EditorView

  /**
   * @param root of a shadow tree: there the styles of the editor are objects of scripts; elsewhere
   *   they would be elements, which the Content-Security-Policy refuses
   */
  constructor(root: ShadowRoot, { text, onEdit, onLeave }: CodeEditorOptions) {
    const leave = (): boolean => {
      onLeave()
      return true
    }
    this.#view = new EditorView({
      root,
      parent: root,
      doc: text,
      extensions: [
        [lineNumbers(), highlightActiveLine(), drawSelection(), history(), lintGutter()],
        [StreamLanguage.define(yaml), indentService.of(indentAt), indentUnit.of('  '), editorTheme],
        autocompletion({ override: [complete], icons: false }),
        hoverTooltip(({ state }, offset) => explain(state, offset)),
        typeOverSelection,
        highlightSpecialChars({ addSpecialChars: directions }),
        EditorView.contentAttributes.of({ 'aria-label': 'Policy' }),
        EditorView.updateListener.of(({ docChanged, state }) => {
          if (docChanged) onEdit(state.doc.toString())
        }),
        keymap.of([
          ...[...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap],
          ...[indentWithTab, { key: 'Escape', run: leave }],
        ]),
      ],
    })
  }

  /** Replaces the text, unless it is the same. */
  setText(text: string): void {
    const { doc } = this.#view.state
    if (doc.toString() === text) return
    this.#view.dispatch({ changes: { from: 0, to: doc.length, insert: text } })
  }

  /** Shows errors and warnings at their positions. */
  setFindings(findings: readonly Finding[]): void {
    const { state } = this.#view
    const diagnostics = findings.map((finding) => diagnosticOf(state, finding))
    this.#view.dispatch(setDiagnostics(state, diagnostics))
  }

  /** Moves the cursor to a position. @param line and column from 1 */
  goTo(line: number, column: number): void {
    const anchor = offsetOf(this.#view.state, line, column)
    this.#view.dispatch({ selection: { anchor }, scrollIntoView: true })
    this.#view.focus()
  }

  close(): void {
    this.#view.destroy()
  }
}

/** Columns of the line at a position, which the user begins. */
function indentAt({ state }: IndentContext, position: number): number {
  const given = state
    .sliceDoc(0, position)
    .split('\n')
    .findLast((line) => line.trim() !== '')
  return indentAfter(given ?? '')
}

/** Suggests fields and values while the user types a word, or when asked by Ctrl+Space. */
function complete({ state, pos, explicit }: CompletionContext): CompletionResult | null {
  const found = suggestionsAt(state.doc.toString(), pos)
  if (found === undefined || (found.from === pos && !explicit)) return null
  const options = found.suggestions.map(({ text, insert, field }) => ({
    label: text,
    apply: insert,
    ...(field && { detail: fieldFacts(field), info: () => fieldDocumentation(field) }),
  }))
  return { from: found.from, options, validFor: /^[\w.$/-]*$/ }
}

function explain({ doc }: EditorState, offset: number): Tooltip | null {
  const found = explanationAt(doc.toString(), offset)
  if (found === undefined) return null
  const { from: pos, to: end, field, path } = found
  return { pos, end, above: true, create: () => ({ dom: fieldDocumentation(field, path) }) }
}
