/** Characters of the container id that the API shows. */
const shownLength = 31
const fullId = /^(?:.*[-:])?([0-9a-f]{64})(?:\.scope)?$/

/**
 * The container id in the name of a control group, as runtimes write it (`docker-ID.scope`,
 * `cri-containerd-ID.scope`, `crio-ID`, plain `ID`, `system.slice:docker:ID`): its first 31
 * characters; empty if the name holds none.
 */
export function containerIdOfCgroup(name: string): string {
  return fullId.exec(name)?.[1].slice(0, shownLength) ?? ''
}

/** The same for a path in a control group file system: the innermost group that names one. */
export function containerIdOfCgroupPath(path: string): string {
  for (const name of path.split('/').reverse()) {
    const id = containerIdOfCgroup(name)
    if (id !== '') return id
  }
  return ''
}
