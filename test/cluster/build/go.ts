import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'

/** Go as unpacked from Debian's packages, with modules switched off: nothing is downloaded. */
export class Go {
  readonly #program: string
  readonly #environment: NodeJS.ProcessEnv

  /**
   * @param packages folder with the unpacked packages
   * @param cache folder for compiled packages
   */
  constructor(packages: string, goPath: string, cache: string) {
    const root = join(packages, 'usr/lib/go-1.24')
    this.#program = join(root, 'bin/go')
    this.#environment = {
      ...process.env,
      GOROOT: root,
      GOPATH: goPath,
      GOCACHE: cache,
      // Go counts its runs below: tests that compare the home folder would see that.
      XDG_CONFIG_HOME: join(cache, 'config'),
      GO111MODULE: 'off',
      GOTOOLCHAIN: 'local',
      GOPROXY: 'off',
      // Without debug information a build takes a tenth less.
      GOFLAGS: '-gcflags=all=-dwarf=false',
      // The compiler spends a sixth of its time on collecting garbage, in processes that end soon.
      GOGC: '400',
      CGO_ENABLED: '0',
    }
  }

  /** Builds the command in `folder` of the tree. It takes minutes. */
  async build(tree: string, folder: string, output: string, flags: readonly string[] = []) {
    // The work folder has another name in each build: with paths in the programs, the cache would
    // have nothing for the next one.
    const args = ['build', '-p', '2', '-trimpath', ...flags, '-o', output, folder]
    await this.run(tree, [this.#program, ...args])
  }

  /** Runs a program in the tree, in the environment of Go. */
  async run(tree: string, command: readonly string[]): Promise<void> {
    const [program, ...args] = command as [string, ...string[]]
    await runOrThrow(program, args, { cwd: tree, env: this.#environment })
  }
}
