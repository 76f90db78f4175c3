import type { Process } from '@tetragon-ts/api'
import { commandLine, nameOf, unlessEmpty } from '../event-facts.ts'

/** A time in milliseconds since 1970. */
export function milliseconds(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? '')
  return Number.isNaN(ms) ? undefined : ms
}

/** A file by its path. */
export function ocsfFile(path: string): object {
  return { name: nameOf(path) ?? path, path, type_id: 1 }
}

/** A process, with its parent if that is known. */
export function ocsfProcess(process: Process, parent?: Process): Record<string, unknown> {
  const { pid, exec_id: uid, binary, uid: user, auid, start_time, cwd, tid } = process
  const { euid, egid } = process.process_credentials ?? {}
  return {
    pid,
    uid,
    name: nameOf(binary),
    path: process.executable ?? binary,
    file: binary ? ocsfFile(process.executable ?? binary) : undefined,
    cmd_line: commandLine(process),
    created_time: milliseconds(start_time),
    working_directory: cwd || undefined,
    ptid: tid,
    user: unlessEmpty({ uid: user?.toString(), name: process.user?.name }),
    // 2^32 - 1: never logged in.
    auid: auid === 0xffff_ffff ? undefined : auid,
    euid,
    egid,
    session: process.session_id === undefined ? undefined : { uid: String(process.session_id) },
    environment_variables: process.environment_variables?.map(({ Key, Value }) => {
      return { name: Key, value: Value }
    }),
    parent_process: parent && ocsfProcess(parent),
  }
}

/** The container of a process; pods have no objects of their own. */
export function ocsfContainer(process: Process | undefined): object | undefined {
  const { pod } = process ?? {}
  const container = pod?.container ?? process?.container
  const uid = container?.id ?? (process?.docker || undefined)
  if (uid === undefined && container?.name === undefined) return undefined
  const tags = {
    'k8s.namespace': pod?.namespace,
    'k8s.pod': pod?.name,
    'k8s.workload': pod?.workload,
  }
  const given = Object.entries(tags).filter(([, value]) => value)
  return {
    uid,
    name: container?.name,
    image: container?.image?.id
      ? { uid: container.image.id, name: container.image.name }
      : undefined,
    pod_uuid: pod?.uid,
    orchestrator: pod && 'kubernetes',
    tags: given.length > 0 ? given.map(([name, value]) => ({ name, value })) : undefined,
  }
}
