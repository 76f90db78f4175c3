import { extensionNumber } from '../extension-fields.ts'
import type { MessageOf } from '../message.ts'
import {
  bool,
  boolValue,
  int32Value,
  many,
  message,
  nested,
  oneOf,
  string,
  stringMap,
  timestamp,
  uint32,
  uint32Value,
  uint64,
} from '../message.ts'
import { CapabilitiesType, ProcessPrivilegesChanged, SecureBitsType } from './enums.ts'

/** A process with its pod, credentials and namespaces. */

export const Image = message('Image', { id: string(1), name: string(2) })
export type Image = MessageOf<typeof Image>

export const SecurityContext = message('SecurityContext', { privileged: bool(1) })
export type SecurityContext = MessageOf<typeof SecurityContext>

export const Container = message('Container', {
  id: string(1),
  name: string(2),
  image: nested(3, Image),
  start_time: timestamp(4),
  pid: uint32Value(5),
  maybe_exec_probe: bool(13),
  security_context: nested(14, SecurityContext),
  labels: stringMap(extensionNumber('Container.labels')),
})
export type Container = MessageOf<typeof Container>

export const Pod = message('Pod', {
  namespace: string(1),
  name: string(2),
  uid: string(3),
  container: nested(4, Container),
  pod_labels: stringMap(5),
  workload: string(6),
  workload_kind: string(7),
  pod_annotations: stringMap(8),
})
export type Pod = MessageOf<typeof Pod>

export const Capabilities = message('Capabilities', {
  permitted: many(oneOf(1, CapabilitiesType)),
  effective: many(oneOf(2, CapabilitiesType)),
  inheritable: many(oneOf(3, CapabilitiesType)),
})
export type Capabilities = MessageOf<typeof Capabilities>

export const Namespace = message('Namespace', { inum: uint32(1), is_host: bool(2) })
export type Namespace = MessageOf<typeof Namespace>

export const Namespaces = message('Namespaces', {
  uts: nested(1, Namespace),
  ipc: nested(2, Namespace),
  mnt: nested(3, Namespace),
  pid: nested(4, Namespace),
  pid_for_children: nested(5, Namespace),
  net: nested(6, Namespace),
  time: nested(7, Namespace),
  time_for_children: nested(8, Namespace),
  cgroup: nested(9, Namespace),
  user: nested(10, Namespace),
})
export type Namespaces = MessageOf<typeof Namespaces>

export const UserNamespace = message('UserNamespace', {
  level: int32Value(1),
  uid: uint32Value(2),
  gid: uint32Value(3),
  ns: nested(4, Namespace),
})
export type UserNamespace = MessageOf<typeof UserNamespace>

export const ProcessCredentials = message('ProcessCredentials', {
  uid: uint32Value(1),
  gid: uint32Value(2),
  euid: uint32Value(3),
  egid: uint32Value(4),
  suid: uint32Value(5),
  sgid: uint32Value(6),
  fsuid: uint32Value(7),
  fsgid: uint32Value(8),
  securebits: many(oneOf(9, SecureBitsType)),
  caps: nested(10, Capabilities),
  user_ns: nested(11, UserNamespace),
})
export type ProcessCredentials = MessageOf<typeof ProcessCredentials>

export const InodeProperties = message('InodeProperties', {
  number: uint64(1),
  links: uint32Value(2),
})
export type InodeProperties = MessageOf<typeof InodeProperties>

export const FileProperties = message('FileProperties', {
  inode: nested(1, InodeProperties),
  path: string(2),
})
export type FileProperties = MessageOf<typeof FileProperties>

export const BinaryProperties = message('BinaryProperties', {
  setuid: uint32Value(1),
  setgid: uint32Value(2),
  privileges_changed: many(oneOf(3, ProcessPrivilegesChanged)),
  file: nested(4, FileProperties),
})
export type BinaryProperties = MessageOf<typeof BinaryProperties>

export const UserRecord = message('UserRecord', { name: string(1) })
export type UserRecord = MessageOf<typeof UserRecord>

export const EnvVar = message('EnvVar', { Key: string(1), Value: string(2) })
export type EnvVar = MessageOf<typeof EnvVar>

export const Process = message('Process', {
  exec_id: string(1),
  pid: uint32Value(2),
  uid: uint32Value(3),
  cwd: string(4),
  binary: string(5),
  arguments: string(6),
  flags: string(7),
  start_time: timestamp(8),
  auid: uint32Value(9),
  pod: nested(10, Pod),
  docker: string(11),
  parent_exec_id: string(12),
  refcnt: uint32(13),
  cap: nested(14, Capabilities),
  ns: nested(15, Namespaces),
  tid: uint32Value(16),
  process_credentials: nested(17, ProcessCredentials),
  binary_properties: nested(18, BinaryProperties),
  user: nested(19, UserRecord),
  in_init_tree: boolValue(20),
  environment_variables: many(nested(21, EnvVar)),
  container: nested(extensionNumber('Process.container'), Container),
  executable: string(extensionNumber('Process.executable')),
  argv: many(string(extensionNumber('Process.argv'))),
  argv_truncated: bool(extensionNumber('Process.argv_truncated')),
  environment_names: many(string(extensionNumber('Process.environment_names'))),
  environment_names_truncated: bool(extensionNumber('Process.environment_names_truncated')),
  upper_layer: bool(extensionNumber('Process.upper_layer')),
  session_id: uint32(extensionNumber('Process.session_id')),
  session_leader_exec_id: string(extensionNumber('Process.session_leader_exec_id')),
  tty: string(extensionNumber('Process.tty')),
})
export type Process = MessageOf<typeof Process>
