import type { FieldSource } from '../log-sources/hook-use.ts'
import type { LogSourceName } from '../log-sources/index.ts'
import { type HookArgument, kernelHook } from '../log-sources/kernel-hook.ts'
import type { KernelTest } from '../log-sources/kernel-test.ts'
import { writingFlags } from '../log-sources/open-flags.ts'

/** A hook at which the kernel can refuse what a log source is about. */
export interface BlockHook {
  readonly call: string
  readonly args: readonly HookArgument[]
  /** Fields that are known there; others refuse the action. */
  readonly fields: Readonly<Record<string, FieldSource>>
  /** Tests without which a call does not belong to the log source. */
  readonly always?: readonly KernelTest[]
  /** A test with which it does not. */
  readonly never?: KernelTest
}

const writes: KernelTest = { argument: 1, operator: 'Mask', values: [writingFlags] }
const file = { argument: 0, as: 'text' } as const
const opened = { call: 'security_file_open', args: kernelHook('security_file_open').args }
const removed = { TargetFilename: { folder: 0, file: 1 } } as const

/** Hooks by log source: a rule is refused at all of them. */
export const blockHooks: Partial<Record<LogSourceName, readonly BlockHook[]>> = {
  file_event: [
    { ...opened, fields: { TargetFilename: file }, always: [writes] },
    {
      call: 'security_path_truncate',
      args: kernelHook('security_path_truncate').args,
      fields: { TargetFilename: file },
    },
  ],
  file_access: [{ ...opened, fields: { TargetFilename: file, FileName: file }, never: writes }],
  file_delete: (['security_path_unlink', 'security_path_rmdir'] as const).map((call) => {
    return { call, args: kernelHook(call).args, fields: removed }
  }),
  network_connection: [
    {
      call: 'security_socket_connect',
      args: [{ index: 1, type: 'sockaddr' }],
      fields: {
        DestinationIp: { argument: 0, as: 'peerAddress' },
        DestinationPort: { argument: 0, as: 'peerPort' },
        Initiated: { constant: 'true' },
      },
    },
  ],
}
