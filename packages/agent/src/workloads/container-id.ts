/** Characters of the container id that the API shows. */
const shownLength = 31
const fullId = /^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope)?$/

/**
 * The container id in the name of a control group, as runtimes write it (`docker-ID.scope`,
 * `cri-containerd-ID.scope`, `crio-ID`, plain `ID`, `system.slice:docker:ID`): its first 31
 * characters; empty if there is none. The group of a container's monitor (`libpod-conmon-ID`,
 * `crio-conmon-ID`) contains the id but does not belong to the container.
 */
export function containerIdOfCgroup(name: string): string {
  const found = fullId.exec(name)
  if (!found || found[1]?.endsWith('conmon')) return ''
  return found[2].slice(0, shownLength)
}

/** The same for names of nested groups, outermost last: the innermost container. */
export function containerIdOfNames(names: readonly string[]): string {
  for (const name of names) {
    const id = containerIdOfCgroup(name)
    if (id !== '') return id
  }
  return ''
}
