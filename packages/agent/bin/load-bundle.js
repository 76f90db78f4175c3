// Loads packed files (scripts/pack.mjs) with what V8 made of them when they were packed: that
// saves most of the time that compiling takes. Another release of Node.js refuses it and compiles.

const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')
const { Script } = require('node:vm')

/**
 * Gives what loads files from a folder by their names; again gives the same exports. It throws an
 * Error with code ENOENT when there is no such file: it was not built.
 * @param cache suffix of the files with what V8 made of them, for a process with other flags
 */
function bundle(folder, cache = '') {
  const loaded = new Map()
  const load = (name) => {
    const known = loaded.get(name)
    if (known) return known.exports
    const path = join(folder, `${name}.js`)
    const source = readFileSync(path, 'utf8')
    const url = pathToFileURL(path).href
    const cachedData = cacheOf(join(folder, name), source, cache)
    const script = new Script(source, { filename: url, cachedData })
    const module = { exports: {} }
    loaded.set(name, module)
    script.runInThisContext()(module, module.exports, requireFrom, url)
    return module.exports
  }
  const requireFrom = (id) => (id.startsWith('./') ? load(id.slice(2, -3)) : require(id))
  return load
}

/** V8 itself compares no more than the length of the source: the file's name has its digest. */
function cacheOf(path, source, suffix) {
  const digest = source.slice(0, source.indexOf('\n')).slice(-32)
  try {
    return readFileSync(`${path}-${digest}${suffix}.v8`)
  } catch {
    return undefined
  }
}

module.exports = { bundle }
