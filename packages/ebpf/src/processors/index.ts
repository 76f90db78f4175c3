/** Processors that programs can be compiled for, as in `process.arch`. */
export type Processors = 'x64' | 'arm64'

/**
 * The processors that programs are compiled for: those of this computer. In a browser, which does
 * not say, x64.
 */
export let processors: Processors = globalThis.process?.arch === 'arm64' ? 'arm64' : 'x64'

/**
 * Compiles for other processors. Modules decide when they are loaded which registers and system
 * calls there are: call it before the first import of `lang` or of a compiler.
 */
export function setProcessors(wanted: Processors): void {
  processors = wanted
}
