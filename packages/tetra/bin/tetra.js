#!/usr/bin/env node

const { join } = require('node:path')

const folder = join(__dirname, '..', 'bundle', 'commands')

function load() {
  try {
    return require(join(folder, 'load-bundle.js')).bundle(folder)('main')
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ENOENT') throw error
    console.error('tetra: not built yet; run: npm run build')
    process.exitCode = 1
  }
}

load()?.main(process.argv.slice(2))
