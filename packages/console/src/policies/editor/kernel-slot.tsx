import { lazy } from '../../page/lazy.tsx'
import type { PolicyModel } from '../policy-model.ts'

const KernelPane = lazy(async () => (await import('./kernels/kernel-pane.tsx')).KernelPane)

/** A button that loads the check for kernels, and then this check. */
export function KernelSlot({ model }: { readonly model: PolicyModel }) {
  const { editor, call, hasAgents } = model
  const kernels = editor.kernels.value
  if (kernels !== undefined) return <KernelPane model={kernels} />
  const open = async (): Promise<void> => {
    const [{ KernelModel }, { agentKernels }] = await Promise.all([
      import('./kernels/kernel-model.ts'),
      import('./kernels/kernel-source.ts'),
    ])
    const source = hasAgents.value ? agentKernels(call) : undefined
    editor.kernels.value ??= new KernelModel(editor, source)
  }
  return (
    <button type="button" onClick={open}>
      Check for kernels
    </button>
  )
}
