import { setProcessors } from '@tetragon-ts/ebpf/processors'
import type { KernelReport, KernelRequest } from './protocol.ts'

// A worker that checks texts of policies for kernels. Its name is that of the processors that it
// compiles for: the compiler asks for them when it is loaded.

const { name } = globalThis as typeof globalThis & { readonly name: string }
setProcessors(name === 'arm64' ? 'arm64' : 'x64')
const loaded = import('./kernel-checks.ts').then(({ KernelChecks }) => {
  return new KernelChecks((report: KernelReport) => postMessage(report))
})
addEventListener('message', ({ data }: MessageEvent<KernelRequest>) => {
  // Messages keep their order. The page gets errors as those of the worker.
  loaded.then((checks) => checks.handle(data)).catch(reportError)
})
