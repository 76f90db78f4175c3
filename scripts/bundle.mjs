// Packs the agent's modules into a few files. Loading a hundred small ones takes longer than all
// that the agent does before it is ready, most of all over a network file system or in a VM.

import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const agent = fileURLToPath(new URL('../packages/agent/', import.meta.url))

rmSync(`${agent}bundle`, { recursive: true, force: true })
await build({
  absWorkingDir: agent,
  entryPoints: {
    main: 'dist/main.js',
    'pipeline/worker': 'dist/pipeline/worker.js',
    // An entry of its own keeps the language out of the file with the programs, so that the frames
    // of a program's lines can be told from those of the language.
    lang: '../ebpf/dist/lang/index.js',
  },
  outdir: 'bundle',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['koffi'],
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
})
