// Imported before anything else: the compiler decides by `process.arch`, when it is loaded, which
// registers and system calls there are.

/** Names the processors of kernels that a process checks policies for: see `foreign-checks.ts`. */
export const processorsVariable = 'TETRA_PROCESSORS'

const wanted = process.env[processorsVariable]
if (wanted === 'x64' || wanted === 'arm64') {
  Object.defineProperty(process, 'arch', { value: wanted, configurable: true, enumerable: true })
}
