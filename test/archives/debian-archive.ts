import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { architecture } from './architecture.ts'
import { runOrThrow, runProgram } from './run-program.ts'

const keyring = '/usr/share/keyrings/debian-archive-keyring.pgp'

/** The suites to fetch. */
export interface WantedSuites {
  /** Suites of the main archive. */
  readonly suites: readonly string[]
  /** Suites of the security archive. */
  readonly securitySuites: readonly string[]
  /** Suites of the main archive, for source packages. */
  readonly sourceSuites?: readonly string[]
}

/** Source of Debian packages of this machine. */
interface Mirrors {
  readonly main: string
  readonly security: string
}

/**
 * One paragraph of a control file (deb822): field name to value, folded lines joined with `\n`.
 * Field names keep their case.
 */
export type ControlParagraph = ReadonlyMap<string, string>

/** Splits the output of `apt-cache show` into paragraphs. */
export function parseControl(text: string): ControlParagraph[] {
  const paragraphs: ControlParagraph[] = []
  for (const block of text.split(/\n\s*\n/)) {
    const fields = new Map<string, string>()
    let last = ''
    for (const line of block.split('\n')) {
      if (/^[ \t]/.test(line)) {
        if (last !== '') fields.set(last, `${fields.get(last)}\n${line.trim()}`)
        continue
      }
      const colon = line.indexOf(':')
      if (colon <= 0) continue
      last = line.slice(0, colon)
      fields.set(last, line.slice(colon + 1).trim())
    }
    if (fields.size > 0) paragraphs.push(fields)
  }
  return paragraphs
}

/**
 * Debian's archive through a separate apt configuration: sources, lists and cache are in one
 * folder, and the machine's own apt is neither used nor changed.
 */
export class DebianArchive {
  private readonly folder: string
  private readonly options: readonly string[]

  private constructor(folder: string) {
    this.folder = folder
    const settings = {
      'Dir::State': folder,
      'Dir::State::lists': join(folder, 'lists'),
      'Dir::State::status': join(folder, 'status'),
      'Dir::Cache': join(folder, 'cache'),
      'Dir::Etc::sourcelist': join(folder, 'wanted.sources'),
      'Dir::Etc::sourceparts': '-',
      'Dir::Etc::preferences': '-',
      'Dir::Etc::preferencesparts': '-',
      'Acquire::Languages': 'none',
      // A suite without updates keeps its last signature, which expires.
      'Acquire::Check-Valid-Until': 'false',
      // Otherwise an unreachable server is only a warning.
      'APT::Update::Error-Mode': 'any',
      // apt's own user may have no access to the folder.
      'APT::Sandbox::User': 'root',
    }
    this.options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  }

  /**
   * Creates the configuration in `folder` and fetches the package lists of these suites.
   * `problems` has apt's messages about unavailable suites.
   */
  static async open(
    folder: string,
    wanted: readonly WantedSuites[],
  ): Promise<{ archive: DebianArchive; problems: string[] }> {
    const archive = new DebianArchive(folder)
    await mkdir(join(folder, 'lists', 'partial'), { recursive: true })
    await mkdir(join(folder, 'cache', 'archives', 'partial'), { recursive: true })
    await writeFile(join(folder, 'status'), '')
    await writeFile(join(folder, 'wanted.sources'), sources(await findMirrors(), wanted))
    const update = await runProgram('apt-get', [...archive.options, 'update'])
    const problems = update.stderr
      .split('\n')
      .filter((line) => line.startsWith('E: ') || line.startsWith('Err:'))
    if (update.exitCode !== 0 && problems.length === 0) problems.push(update.stderr.trim())
    return { archive, problems }
  }

  /** All versions of a package in the lists; none if it is unknown. */
  async show(name: string): Promise<ControlParagraph[]> {
    const result = await runProgram('apt-cache', [...this.options, 'show', name])
    return parseControl(result.stdout)
  }

  /** Downloads packages, each `name=version`, and returns the paths of the .deb files. */
  async download(packages: readonly string[]): Promise<string[]> {
    const folder = join(this.folder, `download-${packages[0]}`)
    await mkdir(folder, { recursive: true })
    await runOrThrow('apt-get', [...this.options, 'download', ...packages], { cwd: folder })
    const names = await runOrThrow('find', [folder, '-name', '*.deb'])
    return names.split('\n').filter((line) => line !== '')
  }

  /**
   * Downloads packages and unpacks their files.
   * @returns the names of the .deb files
   */
  async unpack(packages: readonly string[], target: string): Promise<string[]> {
    await mkdir(target, { recursive: true })
    const files = await this.download(packages)
    for (const file of files) await runOrThrow('dpkg-deb', ['--extract', file, target])
    return files.map((file) => basename(file)).sort()
  }

  /** Downloads the files of a source package, `name=version`, and returns their folder. */
  async downloadSource(source: string): Promise<string> {
    const folder = join(this.folder, `source-${source}`)
    await mkdir(folder, { recursive: true })
    const args = [...this.options, 'source', '--download-only', source]
    await runOrThrow('apt-get', args, { cwd: folder })
    return folder
  }
}

function sources(mirrors: Mirrors, wanted: readonly WantedSuites[]): string {
  const stanza = (type: 'deb' | 'deb-src', uri: string, suites: readonly string[]) =>
    suites.length === 0
      ? ''
      : `Types: ${type}\nURIs: ${uri}\nSuites: ${suites.join(' ')}\nComponents: main\n` +
        `Architectures: ${architecture()}\nSigned-By: ${keyring}\n\n`
  const all = (choose: (each: WantedSuites) => readonly string[]) => wanted.flatMap(choose)
  return (
    stanza(
      'deb',
      mirrors.main,
      all(({ suites }) => suites),
    ) +
    stanza(
      'deb',
      mirrors.security,
      all(({ securitySuites }) => securitySuites),
    ) +
    stanza(
      'deb-src',
      mirrors.main,
      all(({ sourceSuites = [] }) => sourceSuites),
    )
  )
}

/**
 * The mirrors of the machine's own apt, which are reachable from here. A fresh machine may not have
 * package lists; apt knows no mirrors then.
 */
async function findMirrors(): Promise<Mirrors> {
  const mirrors = await listedMirrors()
  if (mirrors) return mirrors
  await runProgram('apt-get', ['update'])
  const updated = await listedMirrors()
  if (!updated) throw new Error("find Debian's archive: this machine's apt has no source for it")
  return updated
}

async function listedMirrors(): Promise<Mirrors | undefined> {
  const format = '$(LABEL)|$(SITE)'
  const targets = await runProgram('apt-get', ['indextargets', '--format', format])
  const sites = new Map(
    targets.stdout.split('\n').map((line) => line.split('|') as [label: string, site: string]),
  )
  const main = sites.get('Debian')
  const security = sites.get('Debian-Security')
  return main && security ? { main, security } : undefined
}
