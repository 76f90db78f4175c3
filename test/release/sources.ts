import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '../vm/repository.ts'

/** The files that a release changes, in a repository of their own with one commit. */
export class ReleaseSources {
  readonly folder = mkdtempSync(join(tmpdir(), 'release-sources-'))

  constructor() {
    const lists = ['CHANGELOG.md', 'package-lock.json', 'deploy/helm/tetragon', 'scripts']
    const manifests = this.#run(repositoryRoot, 'ls-files', '*package.json').trim().split('\n')
    for (const path of [...lists, ...manifests]) {
      const to = join(this.folder, path)
      cpSync(join(repositoryRoot, path), to, { recursive: true })
    }
    this.git('init', '--quiet')
    this.commit()
  }

  #run(folder: string, ...args: readonly string[]): string {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost']
    const command = ['-C', folder, ...identity, ...args]
    const { status, stdout, stderr } = spawnSync('git', command, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`)
    return stdout
  }

  git(...args: readonly string[]): string {
    return this.#run(this.folder, ...args)
  }

  commit(): void {
    this.git('add', '--all')
    this.git('commit', '--quiet', '--message', 'all')
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  /** Calls a function of a module of `scripts` in a process of its own. @returns its result */
  call(module: string, name: string, ...args: readonly unknown[]): unknown {
    const path = JSON.stringify(join(repositoryRoot, 'scripts', module))
    const script = `import { ${name} } from ${path}
      try { console.log(JSON.stringify({ value: ${name}(...${JSON.stringify(args)}) })) }
      catch ({ message }) { console.log(JSON.stringify({ message })) }`
    const node = ['--input-type=module', '--eval', script]
    const { stdout, stderr } = spawnSync(process.execPath, node, { encoding: 'utf8' })
    if (stdout === '') throw new Error(`call ${name}: ${stderr}`)
    const { value, message } = JSON.parse(stdout) as { value?: unknown; message?: string }
    if (message !== undefined) throw new Error(message)
    return value
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
