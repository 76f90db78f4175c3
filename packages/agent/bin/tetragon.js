#!/usr/bin/env node
const { join } = require('node:path')
const { bundle } = require('./load-bundle.js')

function load() {
  try {
    return bundle(join(__dirname, '..', 'bundle'))('start')
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    console.error('tetragon: not built yet; run: npm run build')
    process.exitCode = 1
  }
}

load()?.start(process.argv.slice(2))
