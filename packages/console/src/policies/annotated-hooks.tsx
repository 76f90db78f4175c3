import {
  type AnnotatedHook,
  type AnnotatedPart,
  type AnnotatedProgram,
  escapeUnprintable,
  hookLines,
  mapText,
} from '@tetragon-ts/api'
import { CopyButton } from '../page/copy-button.tsx'
import { escapeLines } from '../page/escape-lines.ts'

/** Height of a line of instructions in pixels: as in the style sheet. */
const lineHeight = 18

/** Hooks with their programs, whose instructions name the fields of the policy. */
export function AnnotatedHooks({ hooks }: { readonly hooks: readonly AnnotatedHook[] }) {
  return (
    <>
      <CopyButton label="Copy" text={() => escapeLines(hooks.flatMap(hookLines).join('\n'))} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: without it, keys cannot scroll */}
      <div class="programs" tabIndex={0}>
        {hooks.map((hook, i) => (
          <Hook key={`${i}`} hook={hook} />
        ))}
      </div>
    </>
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
