import { lstatSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type FileValues, readDropIns } from '@tetragon-ts/service/options'
import { AgentError } from '../../error.ts'
import { isTrusted } from '../../files/own-folder.ts'
import { agentTable } from '../agent-table.ts'

/** Locations of files with options. */
export interface ConfigLocations {
  /** The root folder; another one in tests. */
  readonly root: string
  /** The working directory of the agent. */
  readonly workingFolder: string
}

/**
 * Reads all files with options, lowest precedence first: those of the distribution, those of the
 * administrator, then the folder of `--config-dir`.
 * @param configDir empty: none
 * @throws AgentError AGENT_OPTION
 */
export async function readConfigFiles(
  { root, workingFolder }: ConfigLocations,
  configDir: string,
): Promise<FileValues[]> {
  const read = [
    readDropIns(agentTable, join(root, 'usr/lib/tetragon/tetragon.conf.d')),
    readDropIns(agentTable, join(root, 'usr/local/lib/tetragon/tetragon.conf.d')),
    await readYaml(join(workingFolder, 'tetragon.yaml')),
    await readYaml(join(root, 'etc/tetragon/tetragon.yaml')),
    readDropIns(agentTable, join(root, 'etc/tetragon/tetragon.conf.d')),
  ]
  if (configDir !== '') {
    const given = readDropIns(agentTable, configDir)
    if (given === undefined) {
      throw new AgentError('AGENT_OPTION', `read options: folder ${configDir} does not exist`)
    }
    read.push(given)
  }
  return read.filter((each) => each !== undefined)
}

/** The YAML parser is loaded only if there is such a file. */
async function readYaml(path: string): Promise<FileValues | undefined> {
  const owner = ownerOf(path)
  if (owner === 'missing') return undefined
  if (owner === 'stranger') {
    // Another user must not control an agent that is started in that user's folder.
    const warning = `skip ${path}: it belongs neither to root nor to this user`
    return { given: new Map(), warnings: [warning] }
  }
  const { readYamlFile } = await import('./yaml-file.ts')
  return readYamlFile(path)
}

function ownerOf(path: string): 'missing' | 'trusted' | 'stranger' {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 'missing'
  // A symbolic link to a file of root may belong to any user.
  const link = lstatSync(path)
  return stat.isFile() && isTrusted(stat.uid) && isTrusted(link.uid) ? 'trusted' : 'stranger'
}
