import {
  type AnnotatedHook,
  type AnnotatedPart,
  type AnnotatedProgram,
  escapeUnprintable,
  hookLines,
  mapText,
} from '@tetragon-ts/api'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { CopyButton } from '../page/copy-button.tsx'
import { escapeLines } from '../page/escape-lines.ts'
import type { HookOnNode } from './policy-hooks.ts'
import type { ListedPolicy } from './policy-list.ts'
import type { PolicyModel } from './policy-model.ts'
import { isLacking, type ProgramPages, readPage } from './program-pages.ts'

/** Height of a line of instructions in pixels: as in the style sheet. */
const lineHeight = 18

interface Properties {
  readonly policy: ListedPolicy
  readonly node: string
  readonly hook: HookOnNode
  readonly model: PolicyModel
}

/** The annotated programs of a hook: read when they are shown, and when the policy has changed. */
export function HookPrograms({ policy, node, hook, model }: Properties) {
  const [pages, setPages] = useState<ProgramPages | undefined>()
  const [failure, setFailure] = useState('')
  const [isReading, setReading] = useState(true)
  // A policy that has no text is about to disappear.
  const text = useRef('')
  text.current = model.texts.value.get(policy.key) ?? text.current

  const read = async (before: ProgramPages | undefined, isOld: () => boolean): Promise<void> => {
    setReading(true)
    try {
      const read = await readPage((at) => model.programs(policy, node, hook, at), before)
      if (isOld()) return
      setPages(read)
      setFailure('')
    } catch (error) {
      if (isOld()) return
      setPages(before)
      setFailure((error as Error).message)
    }
    setReading(false)
  }
  useEffect(() => {
    let isOld = false
    read(undefined, () => isOld)
    return () => {
      isOld = true
    }
  }, [text.current])

  const hooks = pages?.hooks ?? []
  // The agents are asked every two seconds, which concerns thousands of lines only if they change.
  const list = useMemo(() => hooks.map((each, i) => <Hook key={`${i}`} hook={each} />), [pages])
  return (
    <section aria-label={`Programs of ${escapeUnprintable(hook.call)}`}>
      {failure !== '' && (
        <p class={isLacking(failure) ? 'hint' : 'missing'}>
          <bdi>{escapeUnprintable(failure)}</bdi>
        </p>
      )}
      {hooks.length > 0 && (
        <>
          <CopyButton label="Copy" text={() => escapeLines(hooks.flatMap(hookLines).join('\n'))} />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
          <div class="programs" tabIndex={0}>
            {list}
          </div>
        </>
      )}
      {pages !== undefined && pages.next > 0 && (
        <button type="button" disabled={isReading} onClick={() => read(pages, () => false)}>
          More programs
        </button>
      )}
      <span aria-live="polite">{isReading && 'Reading…'}</span>
    </section>
  )
}

function Hook({ hook }: { readonly hook: AnnotatedHook }) {
  const { programs = [], ...head } = hook
  return (
    <>
      <pre>{escapeLines(hookLines(head).join('\n'))}</pre>
      {programs.map((program, i) => (
        <Program key={`${i}`} program={program} />
      ))}
    </>
  )
}

function Program({ program }: { readonly program: AnnotatedProgram }) {
  const { name = '', attach_point = '', instruction_slots: slots = 0 } = program
  const { parts = [], omitted_instructions: omitted = 0, maps = [] } = program
  const lines = maps.map((map) => `map[fd:${map.number}]: ${mapText(map)}`)
  if (omitted > 0) lines.unshift(`and ${omitted} more instructions`)
  return (
    <>
      <h3>
        <bdi>{escapeUnprintable(name)}</bdi>, {slots} instructions
      </h3>
      <pre>{escapeUnprintable(`at ${attach_point}`)}</pre>
      {parts.map((part, i) => (
        <Part key={`${i}`} {...part} />
      ))}
      <pre>{escapeLines(lines.join('\n'))}</pre>
    </>
  )
}

/** The browser lays out only parts in sight: the height of the others is known. */
function Part({ field = '', line, instructions = [] }: AnnotatedPart) {
  const height = `${(instructions.length + (field === '' ? 0 : 1)) * lineHeight}px`
  return (
    <pre class="part" style={{ containIntrinsicBlockSize: height }}>
      {field !== '' && <b>{escapeUnprintable(`; ${field} (line ${line})`)}</b>}
      {field !== '' && '\n'}
      {escapeLines(instructions.join('\n'))}
    </pre>
  )
}
