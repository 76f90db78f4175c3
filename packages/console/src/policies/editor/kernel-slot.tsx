import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { PolicyModel } from '../policy-model.ts'
import type { KernelPane } from './kernels/kernel-pane.tsx'

/** A button that loads the check for kernels, and then this check. */
export function KernelSlot({ model }: { readonly model: PolicyModel }) {
  const pane = useSignal<typeof KernelPane | undefined>(undefined)
  const { kernels } = model.editor
  const load = async (): Promise<void> => {
    const { KernelModel, KernelPane } = await import('./kernels/kernel-pane.tsx')
    kernels.value ??= new KernelModel(model.editor, model.call)
    pane.value = KernelPane
  }
  useEffect(() => {
    if (kernels.value !== undefined) void load()
  }, [])
  const Pane = pane.value
  if (Pane !== undefined && kernels.value !== undefined) return <Pane model={kernels.value} />
  return (
    <button type="button" onClick={load}>
      Check for kernels
    </button>
  )
}
