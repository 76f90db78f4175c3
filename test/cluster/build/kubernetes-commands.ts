import { join } from 'node:path'
import type { Go } from './go.ts'
import { recipe } from './recipe.ts'

/**
 * Builds the commands of the control plane and of the node.
 * @param tree the complete source
 * @param folder folder for the programs
 */
export async function buildCommands(
  go: Go,
  tree: string,
  folder: string,
  log: (line: string) => void,
): Promise<void> {
  const flags = ['-tags', 'providerless dockerless', '-ldflags', `-s -w ${versionFlags()}`]
  for (const name of recipe.kubernetes.commands) {
    log(`cluster: go build ${name}`)
    await go.build(tree, `./cmd/${name}`, join(folder, name), flags)
  }
}

/** Without these the version is v0.0.0, which Helm charts refuse. */
function versionFlags(): string {
  const { version, commit, date } = recipe.kubernetes
  const [major, minor] = version.slice(1).split('.')
  const values = {
    gitMajor: major,
    gitMinor: minor,
    gitVersion: version,
    gitCommit: commit,
    gitTreeState: 'clean',
    buildDate: date,
  }
  return ['component-base/version', 'client-go/pkg/version']
    .flatMap((name) =>
      Object.entries(values).map(
        ([key, value]) => `-X k8s.io/kubernetes/vendor/k8s.io/${name}.${key}=${value}`,
      ),
    )
    .join(' ')
}
