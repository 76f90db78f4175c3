// Compiled policies as people read them: hooks with their back ends, and annotated instructions.

export { annotateProgram, MapNumbers } from './annotate-program.ts'
export { describeHook, describeMissing } from './describe-hook.ts'
export { listForKernel, listInSteps } from './list-policy.ts'
