import { writeFileSync } from 'node:fs'
import type { CheckAnswer, CheckQuestion } from './check-kernel.ts'

// The program of the process that checks policies for kernels: `check-program.js ARCHITECTURE`.

try {
  // Where memory is short, this process has to end, and not the operator.
  writeFileSync('/proc/self/oom_score_adj', '1000')
} catch {
  // Not on every machine.
}
// The compiler decides by it, when it is loaded, which registers and system calls there are.
Object.defineProperty(process, 'arch', { value: process.argv[2], configurable: true })
const loaded = Promise.all([
  import('@tetragon-ts/compiler/kernel-description'),
  import('@tetragon-ts/policy'),
  import('./check-kernel.ts'),
])

/** What it throws ends the process. */
async function answer({ id, policy, kernels }: CheckQuestion): Promise<void> {
  const [compiler, { readPolicyContent }, { checkKernel }] = await loaded
  const document = readPolicyContent(policy).document?.forNode()
  if (document === undefined) throw new Error('the policy is invalid')
  for (const { hash, bytes } of kernels) {
    const result = await checkKernel(compiler, document, bytes)
    const next: CheckAnswer = { id, hash, result }
    // The next kernel may end the process.
    await new Promise((sent) => process.send?.(next, sent))
  }
}

process.on('message', (question: CheckQuestion) => void answer(question))
