import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { repositoryRoot } from '../vm/repository.ts'
import type { Edit } from './addition.ts'

const packages = ['ebpf', 'api', 'policy', 'sensors', 'compiler', 'agent']

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

/** Folders of test/ with listed files, and their imports. */
const caseFolders = ['operators', 'arguments', 'actions', 'policy-case.ts']

/** A copy of the sources that can be changed. */
export class ScratchCopy implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'add-one-'))
  /** Changed files with their original content. */
  readonly #originals = new Map<string, string>()

  constructor() {
    for (const name of packages) {
      this.#copy(`packages/${name}/src`)
      this.#copy(`packages/${name}/package.json`)
    }
    this.#copy('test/package.json')
    for (const name of caseFolders) this.#copy(`test/cases/policies/${name}`)
    symlinkSync(join(repositoryRoot, 'node_modules'), join(this.folder, 'node_modules'))
    const base = JSON.parse(readFileSync(join(repositoryRoot, 'tsconfig.base.json'), 'utf8'))
    const { composite, tsBuildInfoFile, declaration, sourceMap, ...options } = base.compilerOptions
    const paths = Object.fromEntries(packages.flatMap(pathsOf))
    const configuration = {
      compilerOptions: { ...options, noEmit: true, paths },
      include: [...packages.map((name) => `packages/${name}/src`), 'test'],
    }
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify(configuration))
  }

  /** Tests are not copied, except test code of the packages that cases need. */
  #copy(path: string): void {
    cpSync(join(repositoryRoot, path), join(this.folder, path), {
      recursive: true,
      filter: (each) => !/\.test\.ts$|\/testing$/.test(each) || each.endsWith('compiler/testing'),
    })
  }

  edit({ file, insert }: Edit): void {
    const path = join(this.folder, file.startsWith('test/') ? '' : 'packages', file)
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
  }

  /** Files with errors, with paths as in the document. */
  filesWithErrors(): string[] {
    const compiler = join(repositoryRoot, 'node_modules', 'typescript', 'bin', 'tsc')
    const options = ['-p', this.folder, '--pretty', 'false']
    const run = spawnSync(process.execPath, [compiler, ...options], {
      encoding: 'utf8',
      cwd: this.folder,
    })
    const files = [...run.stdout.matchAll(/^(?:.*?packages\/)?(\S+?\.ts)\(\d+,\d+\): error/gm)]
    return [...new Set(files.map(([, file]) => file))].sort()
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
