import { useSignal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { escapeLines } from '../../page/escape-lines.ts'
import { HowToAllow, ModeChange } from '../policy-detail.tsx'
import { isEnforced } from '../policy-list.ts'
import type { PolicyModel } from '../policy-model.ts'
import { type Change, ChangeDialog } from './change-dialog.tsx'
import { EditorFrame } from './editor-frame.tsx'
import { examples } from './examples.ts'
import { FindingsList } from './findings-list.tsx'
import { KernelSlot } from './kernel-slot.tsx'
import { TrialReport } from './trial-report.tsx'

interface Properties {
  readonly model: PolicyModel
  readonly onOpenEvent: (id: number) => void
}

/** The editor, what is wrong with its text, and what it would do. */
export function EditorPane({ model, onOpenEvent }: Properties) {
  const { editor } = model
  const change = useSignal<Change | undefined>(undefined)
  const first = useRef<HTMLSelectElement>(null)
  const refusal = editor.refusal.value
  const trial = editor.trial.value
  return (
    <>
      <div class="bar">
        <Examples model={model} place={first} />
        <button
          type="button"
          disabled={editor.check.value?.policies.length === 0}
          onClick={() => editor.try()}
        >
          Dry run
        </button>
        {model.allowsChanges.value && model.target.value?.loaded && (
          <ModeChange policy={model.target.value.loaded} model={model} />
        )}
        {model.allowsChanges.value && (
          <Save model={model} onAsk={(next) => (change.value = next)} />
        )}
        <button
          type="button"
          onClick={() => {
            if (mayDiscard(model)) editor.close()
          }}
        >
          Close the editor
        </button>
        <span class="hint">Ctrl+Space completes, Tab indents, Esc leaves the text.</span>
      </div>
      <HowToAllow model={model} />
      <div class="panes">
        <EditorFrame model={editor} onLeave={() => first.current?.focus()} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
        <div class="scroll beside" tabIndex={0}>
          {refusal !== undefined && <pre class="missing">{escapeLines(refusal)}</pre>}
          <FindingsList model={editor} />
          <KernelSlot model={model} />
          {trial && <TrialReport trial={trial} onOpenEvent={onOpenEvent} />}
        </div>
      </div>
      {change.value && (
        <ChangeDialog
          change={change.value}
          onCancel={() => {
            change.value = undefined
          }}
          onConfirm={(text) => {
            const { target } = change.value!
            change.value = undefined
            model.save(target, text)
          }}
        >
          <Effect model={model} />
        </ChangeDialog>
      )}
    </>
  )
}

/** Where a policy is loaded, how long it stays, and what it would have matched. */
function Effect({ model }: { readonly model: PolicyModel }) {
  const agents = model.agents.value
  const missing = model.missing.value.length
  const trial = model.editor.trial.value
  return (
    <>
      <p>
        It is loaded into {agents === 1 ? 'one agent' : `${agents} agents`}
        {missing > 0 && `, and not into ${missing} that do not answer`}. It stays until it is
        deleted or the agent stops; with --persist-grpc-policies also after that.
      </p>
      <p>
        {trial === undefined
          ? '“Dry run” shows first what it would have matched.'
          : `Dry run: ${trial.result.matched} of ${trial.result.events} kept events would match.`}
      </p>
    </>
  )
}

/** Whether the text may be replaced: it is saved, or the user agrees. */
function mayDiscard({ editor }: PolicyModel): boolean {
  return !editor.isChanged.value || confirm('Discard the text of the editor? It is not saved.')
}

function Save({ model, onAsk }: { model: PolicyModel; onAsk: (change: Change) => void }) {
  const target = model.target.value
  const isOne = model.editor.check.value?.policies.length === 1
  const action = target?.loaded === undefined ? 'Add' : 'Replace'
  return (
    <button
      type="button"
      disabled={!isOne || target === undefined}
      onClick={() => {
        if (target === undefined) return
        const { name, loaded } = target
        onAsk({
          question: loaded ? `Replace the policy ${name} on all nodes?` : `Add the policy ${name}?`,
          target,
          before: loaded && model.texts.value.get(loaded.key),
          action,
          isEnforced: loaded !== undefined && isEnforced(loaded),
        })
      }}
    >
      {action}…
    </button>
  )
}

interface ExamplesProperties {
  readonly model: PolicyModel
  readonly place: RefObject<HTMLSelectElement | null>
}

function Examples({ model, place }: ExamplesProperties) {
  return (
    <select
      ref={place}
      aria-label="Open an example"
      value=""
      onChange={({ currentTarget }) => {
        const found = examples().find(({ name }) => name === currentTarget.value)
        currentTarget.value = ''
        if (found !== undefined && mayDiscard(model)) model.editor.open(found.text)
      }}
    >
      <option value="">Examples</option>
      {examples().map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  )
}
