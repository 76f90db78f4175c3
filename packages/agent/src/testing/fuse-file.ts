import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('./fuse-server.js', import.meta.url))

/** A file of a file system in user space, whose server can be killed. Only root can mount it. */
export class FuseFile {
  readonly #path: string
  readonly #server: ChildProcess

  /** @param path of a new file that the file system hides */
  static async mount(path: string): Promise<FuseFile> {
    writeFileSync(path, '')
    const server = spawn(process.execPath, [program, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [first] = (await Promise.race([
      once(server.stdout, 'data'),
      once(server, 'exit'),
    ])) as unknown[]
    if (!Buffer.isBuffer(first)) throw new Error(`mount ${path}: the server ended`)
    return new FuseFile(path, server)
  }

  private constructor(path: string, server: ChildProcess) {
    this.#path = path
    this.#server = server
  }

  /** From now on, all operations fail with ENOTCONN. */
  async kill(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return
    const ended = once(this.#server, 'exit')
    this.#server.kill('SIGKILL')
    await ended
  }

  /** Operations wait until the server continues, or ends. */
  stall(): void {
    this.#server.kill('SIGSTOP')
  }

  /** Operations are answered again. */
  resume(): void {
    this.#server.kill('SIGCONT')
  }

  /** The hidden file is there again. */
  unmount(): void {
    spawnSync('umount', ['-l', this.#path])
  }
}
