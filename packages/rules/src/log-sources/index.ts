import { auditd } from './auditd.ts'
import { createRemoteThread } from './create-remote-thread.ts'
import { dnsQuery } from './dns-query.ts'
import { driverLoad } from './driver-load.ts'
import { fileAccess } from './file-access.ts'
import { fileChange } from './file-change.ts'
import { fileDelete } from './file-delete.ts'
import { fileEvent } from './file-event.ts'
import { fileRename } from './file-rename.ts'
import type { LogSource } from './log-source.ts'
import { networkConnection } from './network-connection.ts'
import { processAccess } from './process-access.ts'
import { processCreation } from './process-creation.ts'
import { processTermination } from './process-termination.ts'
import { tetragonHook } from './tetragon-hook.ts'

export type { EventRecord, Field, FieldKind, FieldValue, ProcessRole } from './field.ts'
export type { LogSource } from './log-source.ts'

/** All log sources by name. */
export const logSources = {
  process_creation: processCreation,
  process_termination: processTermination,
  file_event: fileEvent,
  file_access: fileAccess,
  file_change: fileChange,
  file_rename: fileRename,
  file_delete: fileDelete,
  network_connection: networkConnection,
  dns_query: dnsQuery,
  driver_load: driverLoad,
  process_access: processAccess,
  create_remote_thread: createRemoteThread,
  auditd,
  tetragon_hook: tetragonHook,
} as const satisfies Record<string, LogSource>

export type LogSourceName = keyof typeof logSources
