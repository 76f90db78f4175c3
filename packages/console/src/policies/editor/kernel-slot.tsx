import { lazy } from '../../page/lazy.tsx'
import type { PolicyModel } from '../policy-model.ts'

const KernelPane = lazy(async () => (await import('./kernels/kernel-pane.tsx')).KernelPane)

/** A button that loads the check for kernels, and then this check. */
export function KernelSlot({ model }: { readonly model: PolicyModel }) {
  const { editor, call, hasAgents } = model
  const kernels = editor.kernels.value
  if (kernels !== undefined) return <KernelPane model={kernels} />
  const open = async (): Promise<void> => {
    const { KernelModel } = await import('./kernels/kernel-model.ts')
    editor.kernels.value ??= new KernelModel(editor, hasAgents.value ? call : undefined)
  }
  return (
    <button type="button" onClick={open}>
      Check for kernels
    </button>
  )
}
