#!/usr/bin/env node
import('../dist/main.js').then(
  ({ main }) => main(process.argv.slice(2)),
  (error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    console.error('tetragon-operator: not built yet; run: npm run build')
    process.exitCode = 1
  },
)
