/** Characters of the container id that the API shows. */
const shownLength = 31
const inName = /^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope)?$/

/**
 * The container id in the name of a control group, as runtimes write it (`docker-ID.scope`,
 * `cri-containerd-ID.scope`, `crio-ID`, plain `ID`, `system.slice:docker:ID`); empty if the name
 * holds none. The group of a container's monitor (`libpod-conmon-ID`, `crio-conmon-ID`) names the
 * container but is not in it.
 */
export function containerIdOfCgroup(name: string): string {
  const found = inName.exec(name)
  if (!found || found[1]?.endsWith('conmon')) return ''
  return found[2]
}

/** Ids in the names of groups in each other, the innermost container first. */
export function containerIdsOfNames(names: readonly string[]): readonly string[] {
  return names.map(containerIdOfCgroup).filter((id) => id !== '')
}

/** The part of an id that the API shows. */
export function shownContainerId(id: string): string {
  return id.slice(0, shownLength)
}
