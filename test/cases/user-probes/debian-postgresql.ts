import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DebianArchive, runOrThrow } from '@tetragon-ts/test/archives'
import { sharedCachePath } from '../../vm/repository.ts'

/** Packages of the server and the client, without libraries that Debian's Node.js needs, too. */
const packages = [
  ...['postgresql-17', 'postgresql-client-17', 'libpq5', 'libicu76', 'libxml2', 'libpam0g'],
  ...['libldap2', 'libsasl2-2', 'libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3'],
  ...['libkrb5support0', 'libcom-err2', 'libkeyutils1', 'libsystemd0', 'liblz4-1', 'libzstd1'],
]
const suites = [{ suites: ['trixie'], securitySuites: ['trixie-security'] }]

/** The packages of Debian 13's PostgreSQL, downloaded once. They are not installed. */
async function cachedPackages(): Promise<string[]> {
  const key = createHash('sha256')
    .update(JSON.stringify([packages, suites]))
    .digest('hex')
  const folder = sharedCachePath('postgresql', key.slice(0, 16))
  if (!existsSync(folder)) {
    await mkdir(dirname(folder), { recursive: true })
    const apt = await mkdtemp(`${folder}.`)
    try {
      const { archive, problems } = await DebianArchive.open(apt, suites)
      if (problems.length > 0) throw new Error(`fetch PostgreSQL: ${problems.join('; ')}`)
      const [first] = await archive.download(packages)
      await rename(dirname(first), folder)
    } finally {
      await rm(apt, { recursive: true, force: true })
    }
  }
  return (await readdir(folder)).map((name) => join(folder, name))
}

/** The server refuses to run as root. */
const nobody = 65534

/** Debian's PostgreSQL in a temporary folder, where a server can run as the user `nobody`. */
export class DebianPostgresql {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Unpacks the programs, and creates a database cluster. */
  static async create(): Promise<DebianPostgresql> {
    const postgresql = new DebianPostgresql(await mkdtemp('/tmp/tetragon-postgresql-'))
    const folder = postgresql.#folder
    try {
      await chmod(folder, 0o755)
      for (const file of await cachedPackages()) {
        await runOrThrow('dpkg-deb', ['--extract', file, join(folder, 'root')])
      }
      await mkdir(join(folder, 'data'))
      await chown(join(folder, 'data'), nobody, nobody)
      const options = ['--auth=trust', '--username=test', '--locale=C', '--no-sync']
      await runOrThrow(
        'setpriv',
        postgresql.command('initdb', '-D', join(folder, 'data'), ...options),
      )
      return postgresql
    } catch (error) {
      await postgresql.remove()
      throw error
    }
  }

  /** Path of one of its programs. */
  program(name: string): string {
    return join(this.#folder, 'root/usr/lib/postgresql/17/bin', name)
  }

  /** Arguments of setpriv that run one of its programs as the user `nobody`. */
  command(name: string, ...args: string[]): string[] {
    const libraries = join(this.#folder, 'root/usr/lib/x86_64-linux-gnu')
    const user = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
    return [...user, 'env', `LD_LIBRARY_PATH=${libraries}`, this.program(name), ...args]
  }

  /** The same for the server, with a Unix socket only. */
  server(): string[] {
    const data = join(this.#folder, 'data')
    return this.command('postgres', '-D', data, '-k', data, '-c', 'listen_addresses=')
  }

  /** The same for a client that reads queries from its standard input. */
  client(): string[] {
    const to = ['-h', join(this.#folder, 'data'), '-U', 'test', '-d', 'postgres']
    return this.command('psql', '--no-psqlrc', '--quiet', '--tuples-only', '--no-align', ...to)
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}
