// The linter's rules for the table in borders.mjs. Of the overrides that match a file only the last
// one counts, so each of them is complete.

import { exceptions, layers, packages } from './borders.mjs'

const ffi = { koffi: 'the FFI belongs to packages/ebpf/src/sys alone' }
const table = 'see scripts/borders.mjs'
const byExports = 'packages are used by what they export'
const ofNode = { group: ['node:*'], message: `it runs in browsers too; ${table}` }

/** Name of a package without its scope. */
const nameOf = (path) => path.slice(path.lastIndexOf('/') + 1)

/**
 * Rules of a whole package: paths of modules and patterns of them.
 * @param whole packages of which it may import all modules, although it has `parts` of them
 */
function packageRules(path, whole = []) {
  const { names = {}, parts = {}, refuses = [], inBrowsers, because = byExports } = packages[path]
  const imports = [...packages[path].imports, ...whole]
  const allowed = new Set([nameOf(path), ...imports, ...Object.keys(names)])
  const refused = Object.keys(packages)
    .map(nameOf)
    .filter((name) => !allowed.has(name))
  const paths = { ...ffi }
  for (const module of refuses) paths[module] = `${because}; ${table}`
  for (const [name, allowImportNames] of Object.entries(names)) {
    paths[`@tetragon-ts/${name}`] = { allowImportNames, message: `${because}; ${table}` }
  }
  const group = refused.flatMap((name) => [`@tetragon-ts/${name}`, `@tetragon-ts/${name}/**`])
  for (const [name, modules] of Object.entries(parts)) {
    if (whole.includes(name)) continue
    group.push(
      ...modules.flatMap((each) => [
        `!@tetragon-ts/${name}/${each}`,
        `!@tetragon-ts/${name}/${each}/**`,
      ]),
    )
  }
  // Modules of other packages are imported through their exports.
  group.push('**/packages/*/**')
  const patterns = [{ group, message: `${because}; ${table}` }]
  if (inBrowsers === true && whole.length === 0) patterns.push(ofNode)
  return { paths, patterns }
}

function rule({ paths, patterns }, excepted = []) {
  const left = patterns
    .map(({ group, message }) => ({
      group: group.filter((each) => !excepted.includes(each)),
      message,
    }))
    .filter(({ group }) => group.length > 0)
  const options = { paths, patterns: left }
  return { style: { noRestrictedImports: { level: 'error', options } } }
}

const override = (includes, rules) => ({ includes, linter: { rules } })

const isFile = (name) => /\.tsx?$/.test(name)

/**
 * The rules of each layer of a folder, and those of its tests.
 * @param outer rules of the folder: of the package, or of the layer that the folder is
 * @param outerTests the same for its tests, if these may import more
 * @param special folders with other outer rules
 */
function* layersOf(folder, outer, outerTests, special = { folders: [] }) {
  const names = layers[folder]
  if (names === undefined) return
  /** @param below layers below this one, and folders in it */
  const rulesWithout = (below, { paths, patterns } = outer) => {
    // Folders have an `index.ts` too; only the package's name resolves to that of the package.
    const above = names.filter((name) => !below.includes(name) && name !== 'index.ts')
    const group = above.map((name) => (isFile(name) ? `**/${name}` : `**/${name}/**`))
    if (group.length === 0) return { paths, patterns }
    // A package may have the name of a folder.
    group.push('!@tetragon-ts/**')
    return { paths, patterns: [...patterns, { group, message: `layers above this one; ${table}` }] }
  }
  // Files next to the folders; their tests cover several of them.
  const others = [...names.filter(isFile), '*.test.ts'].map((name) => `!${folder}/${name}`)
  yield { includes: [`${folder}/*.ts`, ...others], rules: rulesWithout([]) }
  const hasTesting = names.includes('testing')
  for (const [index, name] of names.entries()) {
    const below = names.slice(0, index + 1)
    const rules = rulesWithout(below, special.folders.includes(name) ? special.rules : outer)
    if (isFile(name)) {
      yield { includes: [`${folder}/${name}`], rules }
      continue
    }
    yield { includes: [`${folder}/${name}/**`], rules }
    const tests =
      name === 'testing' || !(hasTesting || outerTests)
        ? undefined
        : rulesWithout(hasTesting ? [...below, 'testing'] : below, outerTests)
    if (tests !== undefined) {
      const includes = ['*.test.ts', 'testing/**'].map((end) => `${folder}/${name}/**/${end}`)
      yield { includes, rules: tests }
    }
    yield* layersOf(`${folder}/${name}`, rules, tests)
  }
}

const nothing = (paths, reason, outside = ['../**']) => ({
  paths,
  patterns: [{ group: ['@tetragon-ts/*', ...outside], message: `${reason}; ${table}` }],
})

/** What sys may not import: anything but Node.js, the FFI and the errors. */
const lowest = nothing({}, 'sys imports nothing but the FFI', ['../**', '!../errors/**'])
const pureReason = 'clients without a kernel import this folder'

/** All rules, the most specific ones last. */
function* allRules() {
  for (const path of Object.keys(packages)) {
    const rules = packageRules(path)
    const includes = [path.startsWith('packages/') ? `${path}/src/**` : `${path}/**`]
    yield { includes, rules }
    const folder = `${path}/src`
    const { withKernel, inBrowsers } = packages[path]
    if (Array.isArray(inBrowsers)) {
      const fewer = { ...rules, patterns: [...rules.patterns, ofNode] }
      yield* layersOf(folder, rules, undefined, { folders: inBrowsers, rules: fewer })
    } else if (withKernel === undefined) {
      yield* layersOf(folder, rules)
    } else {
      const more = packageRules(path, withKernel.parts)
      yield { includes: [`${folder}/*.test.ts`], rules: more }
      yield* layersOf(folder, rules, more, { folders: withKernel.folders, rules: more })
    }
    if (path === 'packages/ebpf') yield { includes: [`${folder}/sys/**`], rules: lowest }
    for (const name of packages[path].pure ?? []) {
      yield { includes: [`${folder}/${name}/*.ts`], rules: nothing(ffi, pureReason) }
      const rules = nothing(ffi, pureReason, ['../../**'])
      yield { includes: [`${folder}/${name}/*/*.ts`], rules }
    }
  }
}

/** Whether a glob of the rules matches a file. */
function matches(glob, file) {
  const text = glob
    .replace(/[.]/g, '\\.')
    .replace(/\*\*\//g, '(?:.+/)?')
    .replace(/\*\*/g, '.+')
    .replace(/(?<![.)])\*/g, '[^/]*')
  return new RegExp(`^${text}$`).test(file)
}

/** The rules of an exception: those of its file without the pattern that it violates. */
function exception({ file, imports }, rules) {
  const own = rules.findLast(({ includes }) =>
    includes.some((glob) => !glob.startsWith('!') && matches(glob, file)),
  )
  return override([file], rule(own.rules, [imports]))
}

/** The text of a configuration: generated rules take one line each. */
export function configurationText(configuration) {
  const { overrides, ...others } = configuration
  const lines = overrides.map((each) => `    ${JSON.stringify(each)}`).join(',\n')
  const head = JSON.stringify(others, undefined, 2).replace(/\n\}$/, '')
  return `${head},\n  "overrides": [\n${lines}\n  ]\n}\n`
}

const isBorder = ({ linter }) => linter?.rules?.style?.noRestrictedImports !== undefined

/** A linter configuration with its rules replaced by those of the table. */
export function withBorders(configuration) {
  const rules = [...allRules()]
  const { linter, overrides = [] } = configuration
  return {
    ...configuration,
    linter: {
      ...linter,
      rules: {
        ...linter.rules,
        style: {
          ...linter.rules.style,
          noRestrictedImports: { level: 'error', options: { paths: ffi } },
        },
      },
    },
    overrides: [
      ...overrides.filter((each) => !isBorder(each)),
      ...rules.map((each) => override(each.includes, rule(each.rules))),
      ...exceptions.map((each) => exception(each, rules)),
    ],
  }
}
