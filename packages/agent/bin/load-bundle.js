// Loads files of the bundle (scripts/bundle.mjs) with what V8 made of them at build time: that
// saves most of the time that compiling takes. Another release of Node.js refuses it and compiles.

const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')
const { Script } = require('node:vm')

const folder = join(__dirname, '..', 'bundle')
const loaded = new Map()

/**
 * Loads a file of the bundle by its name; again gives the same exports.
 * @throws Error with code ENOENT when it was not built
 */
function loadBundle(name) {
  const known = loaded.get(name)
  if (known) return known.exports
  const path = join(folder, `${name}.js`)
  const source = readFileSync(path, 'utf8')
  const url = pathToFileURL(path).href
  const script = new Script(source, { filename: url, cachedData: cacheOf(name, source) })
  const module = { exports: {} }
  loaded.set(name, module)
  script.runInThisContext()(module, module.exports, requireFrom, url)
  return module.exports
}

/** V8 itself compares no more than the length of the source: the file's name has its digest. */
function cacheOf(name, source) {
  const digest = source.slice(0, source.indexOf('\n')).slice(-32)
  try {
    return readFileSync(join(folder, `${name}-${digest}.v8`))
  } catch {
    return undefined
  }
}

function requireFrom(id) {
  return id.startsWith('./') ? loadBundle(id.slice(2, -3)) : require(id)
}

module.exports = { loadBundle }
