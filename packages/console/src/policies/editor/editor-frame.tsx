import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { CodeEditor } from './code-editor.ts'
import type { EditorModel } from './editor-model.ts'

interface Properties {
  readonly model: EditorModel
  readonly onLeave: () => void
}

/** The text of the draft. The editor is loaded when it is needed. */
export function EditorFrame({ model, onLeave }: Properties) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    let editor: CodeEditor | undefined
    let isOver = false
    const endings: (() => void)[] = []
    import('./code-editor.ts').then(({ CodeEditor }) => {
      if (isOver || host.current === null) return
      const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' })
      const text = model.draft.value?.text ?? ''
      const opened = new CodeEditor(root, { text, onEdit: (next) => model.edit(next), onLeave })
      editor = opened
      model.goTo = (line, column) => opened.goTo(line, column)
      endings.push(
        effect(() => opened.setText(model.draft.value?.text ?? '')),
        effect(() => opened.setFindings(model.findings.value)),
      )
    })
    return () => {
      isOver = true
      for (const end of endings) end()
      editor?.close()
    }
  }, [model])
  return <div ref={host} class="editor" />
}
