import type { Process } from '@tetragon-ts/api'
import { commandLine, nameOf, unlessEmpty } from '../event-facts.ts'

/** A process in the Elastic Common Schema. */
export function ecsProcess(process: Process): Record<string, unknown> {
  const { pid, exec_id, binary, argv, cwd, start_time, tid, cap, environment_variables } = process
  const credentials = process.process_credentials ?? {}
  const effective = credentials.euid ?? process.uid
  return {
    pid,
    entity_id: exec_id,
    name: nameOf(binary),
    executable: process.executable ?? binary,
    command_line: commandLine(process),
    args: argv,
    args_count: argv === undefined || process.argv_truncated ? undefined : argv.length,
    working_directory: cwd || undefined,
    start: start_time,
    user: unlessEmpty({ id: idOf(effective), name: process.user?.name }),
    group: unlessEmpty({ id: idOf(credentials.egid) }),
    real_user: unlessEmpty({ id: idOf(credentials.uid) }),
    real_group: unlessEmpty({ id: idOf(credentials.gid) }),
    saved_user: unlessEmpty({ id: idOf(credentials.suid) }),
    saved_group: unlessEmpty({ id: idOf(credentials.sgid) }),
    thread: unlessEmpty({
      id: tid,
      capabilities: cap && { effective: cap.effective, permitted: cap.permitted },
    }),
    env_vars: environment_variables?.map(({ Key = '', Value = '' }) => `${Key}=${Value}`),
    session_leader: unlessEmpty({
      pid: process.session_id,
      entity_id: process.session_leader_exec_id,
    }),
  }
}

function idOf(id: number | undefined): string | undefined {
  return id?.toString()
}
