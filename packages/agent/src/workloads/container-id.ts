/** Characters of the container id that the API shows. */
const shownLength = 31
const inPodName = /^(?:.*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(?:\.slice)?$/
const inName = /^(?:(.*)[-:])?([0-9a-f]{64})(?:\.scope)?$/

/**
 * The container id in the name of a control group, as runtimes write it (`docker-ID.scope`,
 * `cri-containerd-ID.scope`, `crio-ID`, plain `ID`, `system.slice:docker:ID`); empty if there is
 * none. The group of a container's monitor (`libpod-conmon-ID`, `crio-conmon-ID`) contains the id
 * but does not belong to the container.
 */
export function containerIdOfCgroup(name: string): string {
  const found = inName.exec(name)
  if (!found || found[1]?.endsWith('conmon')) return ''
  return found[2]
}

/**
 * The uid of a pod in the name of the control group that the kubelet makes for it (`podUID`,
 * `kubepods-burstable-podUID.slice` with `_` for `-`); undefined if there is none.
 */
export function podUidOfCgroup(name: string): string | undefined {
  return inPodName.exec(name)?.[1].replaceAll('_', '-')
}

/** Ids in the names of nested groups, innermost container first. */
export function containerIdsOfNames(names: readonly string[]): readonly string[] {
  return names.map(containerIdOfCgroup).filter((id) => id !== '')
}

/** The first 31 characters of an id, as the API has it. */
export function shownContainerId(id: string): string {
  return id.slice(0, shownLength)
}
