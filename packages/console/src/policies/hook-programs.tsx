import { escapeUnprintable } from '@tetragon-ts/api'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { AnnotatedHooks } from './annotated-hooks.tsx'
import type { HookOnNode } from './policy-hooks.ts'
import type { ListedPolicy } from './policy-list.ts'
import type { PolicyModel } from './policy-model.ts'
import { isLacking, type ProgramPages, readPage } from './program-pages.ts'

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
  const list = useMemo(() => <AnnotatedHooks hooks={hooks} />, [pages])
  return (
    <section aria-label={`Programs of ${escapeUnprintable(hook.call)}`}>
      {failure !== '' && (
        <p class={isLacking(failure) ? 'hint' : 'missing'}>
          <bdi>{escapeUnprintable(failure)}</bdi>
        </p>
      )}
      {hooks.length > 0 && list}
      {pages !== undefined && pages.next > 0 && (
        <button type="button" disabled={isReading} onClick={() => read(pages, () => false)}>
          More programs
        </button>
      )}
      <span aria-live="polite">{isReading && 'Reading…'}</span>
    </section>
  )
}
