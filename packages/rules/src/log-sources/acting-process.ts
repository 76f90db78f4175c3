import {
  type Field,
  type FieldKind,
  type FieldTable,
  type ProcessRole,
  unanswerable,
} from './field.ts'

function of(role: ProcessRole, path: string, doc: string, kind: FieldKind = 'text'): Field {
  return { of: role, path, kind, doc }
}

const windows = 'Linux executables have no version resource; it exists on Windows only'
const hashes = 'events have no hashes of executables'

/** Fields of Sigma's taxonomy about the acting process and its parent: of all log sources. */
export const actingProcess: FieldTable = {
  Image: of('process', 'binary', 'path of the executable'),
  CommandLine: of('process', 'command_line', 'path of the executable and its arguments'),
  CurrentDirectory: of('process', 'cwd', 'working directory'),
  User: of('process', 'user_name', 'name of the user; without --username-metadata root or the uid'),
  ProcessId: of('process', 'pid', 'process id on the host', 'number'),
  ProcessGuid: of('process', 'exec_id', 'id of the execution'),
  LogonId: of('process', 'auid', 'login uid', 'number'),
  ParentImage: of('parent', 'binary', "path of the parent's executable"),
  ParentCommandLine: of('parent', 'command_line', 'command line of the parent'),
  ParentUser: of('parent', 'user_name', 'user of the parent'),
  ParentProcessId: of('parent', 'pid', 'process id of the parent', 'number'),
  ParentProcessGuid: of('parent', 'exec_id', "id of the parent's execution"),
  FileVersion: unanswerable(windows),
  Description: unanswerable(windows),
  Product: unanswerable(windows),
  Company: unanswerable(windows),
  OriginalFileName: unanswerable(windows),
  IntegrityLevel: unanswerable('integrity levels exist on Windows only'),
  LogonGuid: unanswerable('logon sessions with a GUID exist on Windows only'),
  TerminalSessionId: unanswerable('events do not name the session of a process'),
  Hashes: unanswerable(hashes),
  imphash: unanswerable(hashes),
  md5: unanswerable(hashes),
  sha1: unanswerable(hashes),
  sha256: unanswerable(hashes),
}
