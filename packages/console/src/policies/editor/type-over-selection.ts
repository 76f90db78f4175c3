import { EditorView } from '@codemirror/view'

/**
 * Replaces a selection by what the user types. Chromium would do it with inline styles, which the
 * Content-Security-Policy refuses and reports.
 */
export const typeOverSelection = EditorView.domEventHandlers({
  beforeinput({ inputType, data }, view) {
    const { state } = view
    if (inputType !== 'insertText' || data === null || state.selection.main.empty) return false
    view.dispatch(state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true })
    return true
  },
})
