import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { buildSync } from 'esbuild'
import { repositoryRoot } from '../vm/repository.ts'
import type { Edit } from './addition.ts'

const packages = ['ebpf', 'api', 'policy', 'sensors', 'compiler', 'agent', 'tetra', 'console']

type Targets = Readonly<Record<string, Readonly<Record<string, string>> | string>>

/** Imports of packages, and of `#platform`, resolve to sources in the copy. */
function pathsOf(name: string): [string, string[]][] {
  const file = join(repositoryRoot, 'packages', name, 'package.json')
  const { exports, imports = {} } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly exports: Targets
    readonly imports?: Targets
  }
  return Object.entries({ ...exports, ...imports }).flatMap(([path, target]) => {
    if (typeof target === 'string') return []
    const compiled = target.types ?? target.node
    const source = compiled.replace('./dist/', 'src/').replace(/\.d\.ts$|\.js$/, '.ts')
    const from = path.startsWith('#') ? path : `@tetragon-ts/${name}${path.slice(1)}`
    return [[from, [`./packages/${name}/${source}`]]]
  })
}

/** Code for tests that cases or the program of the test use. */
const testing = /(?:compiler\/src|agent\/src\/reader)\/testing$/

/** Folders of test/ with listed files, and their imports. */
const caseFolders = ['operators', 'arguments', 'actions', 'policy-case.ts']

/** A copy of the sources that can be changed. */
export class ScratchCopy implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'add-one-'))
  /** Changed files with their original content. */
  readonly #originals = new Map<string, string>()
  readonly #created: string[] = []

  constructor() {
    for (const name of packages) {
      this.#copy(`packages/${name}/src`)
      this.#copy(`packages/${name}/package.json`)
    }
    this.#copy('test/package.json')
    this.#copy('scripts/borders.mjs')
    for (const name of caseFolders) this.#copy(`test/cases/policies/${name}`)
    symlinkSync(join(repositoryRoot, 'node_modules'), join(this.folder, 'node_modules'))
    const base = JSON.parse(readFileSync(join(repositoryRoot, 'tsconfig.base.json'), 'utf8'))
    const { composite, tsBuildInfoFile, declaration, sourceMap, ...options } = base.compilerOptions
    const paths = Object.fromEntries(packages.flatMap(pathsOf))
    const compilerOptions = { ...options, noEmit: true, paths }
    const own = readFileSync(join(repositoryRoot, 'packages/console/tsconfig.json'), 'utf8')
    const { jsx, jsxImportSource, lib } = JSON.parse(own).compilerOptions
    this.#configure('.', {
      compilerOptions,
      include: [...packages.map((name) => `packages/${name}/src`), 'test'],
      exclude: ['packages/console'],
    })
    this.#configure('packages/console', {
      compilerOptions: {
        ...compilerOptions,
        ...{ jsx, jsxImportSource },
        // Its imports are compiled with it, from their sources.
        lib: [...new Set([...options.lib, ...lib])],
        paths: Object.fromEntries(
          Object.entries(paths).map(([name, [file]]) => [name, [`../../${file}`]]),
        ),
      },
      include: ['src'],
    })
  }

  #configure(project: string, configuration: object): void {
    const path = join(this.folder, project, 'tsconfig.json')
    writeFileSync(path, JSON.stringify(configuration))
  }

  /** Tests are not copied, except test code of the packages that cases need. */
  #copy(path: string): void {
    cpSync(join(repositoryRoot, path), join(this.folder, path), {
      recursive: true,
      filter: (each) => testing.test(each) || !/\.test\.tsx?$|\/testing$/.test(each),
    })
  }

  edit({ file, insert = {}, create }: Edit): void {
    const path = join(this.folder, /^(?:test|scripts)\//.test(file) ? '' : 'packages', file)
    if (create !== undefined) {
      this.#created.push(path)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, create, { flag: 'wx' })
      return
    }
    const source = readFileSync(path, 'utf8')
    if (!this.#originals.has(path)) this.#originals.set(path, source)
    const changed = Object.entries(insert).reduce((text, [behind, added]) => {
      if (!text.includes(behind)) throw new Error(`${file} lacks ${behind}`)
      return text.replace(behind, () => behind + added)
    }, source)
    writeFileSync(path, changed)
  }

  /** Reverts all edits. */
  restore(): void {
    for (const [path, source] of this.#originals) writeFileSync(path, source)
    this.#originals.clear()
    for (const path of this.#created.splice(0)) rmSync(path)
  }

  /**
   * Files with errors, with paths as in the document.
   * @param project the console is a project of its own
   */
  filesWithErrors(project: '.' | 'packages/console'): string[] {
    const errors = this.#compile(project)
    const files = [...errors.matchAll(/^(?:.*?packages\/)?(\S+?\.tsx?)\(\d+,\d+\): error/gm)]
    return [...new Set(files.map(([, file]) => file))].sort()
  }

  #compile(project: string): string {
    const compiler = join(repositoryRoot, 'node_modules', 'typescript', 'bin', 'tsc')
    const options = ['-p', project, '--pretty', 'false']
    return spawnSync(process.execPath, [compiler, ...options], {
      encoding: 'utf8',
      cwd: this.folder,
    }).stdout
  }

  /** Runs a module that imports from the copy, and returns the JSON that it prints. */
  run(program: string): unknown {
    const outfile = join(this.folder, 'program.mjs')
    buildSync({
      stdin: { contents: program, resolveDir: this.folder, loader: 'ts' },
      absWorkingDir: this.folder,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      outfile,
      logLevel: 'silent',
    })
    const { stdout, stderr, status } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }
}
