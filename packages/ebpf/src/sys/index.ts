export {
  type BpfAttr,
  bpf,
  bpfAttrSize,
  bpfOnThread,
  bpfRaw,
  useRealTimeForMapCalls,
} from './bpf.ts'
export { type BpfCommand, bpfCommand } from './bpf-command.ts'
export { bootEpochNs, bootTimeNs } from './clock.ts'
export { preventCoreDumps } from './core-dumps.ts'
export { onlineCpus, possibleCpus } from './cpus.ts'
export { sendDatagram } from './datagram.ts'
export { mountFileSystem, openFileSystem } from './detached-mount.ts'
export { endProcess, limitTime } from './end-process.ts'
export { describeErrno, errnoName } from './errno.ts'
export { SystemCallError } from './error.ts'
export {
  addFanotifyMark,
  answerPermissionEvents,
  createFanotifyGroup,
} from './fanotify.ts'
export { Fd } from './fd.ts'
export { lastErrno } from './ffi.ts'
export { tryLockFile } from './file-lock.ts'
export { describeHeld, type HeldObject } from './held-objects.ts'
export { Memory } from './memory.ts'
export { findMount } from './mounts.ts'
export { describeAll, objectById, objectIds, objectInfo, objectName } from './object.ts'
export { objectMemory } from './object-memory.ts'
export { followInRoot, openInRoot } from './open-in-root.ts'
export { pageSize } from './page-size.ts'
export { type PeerCredentials, peerCredentials } from './peer-credentials.ts'
export {
  disablePerfEvent,
  openPerfEvent,
  type PerfEvent,
  setPerfEventProgram,
} from './perf-event.ts'
export { PinFolder } from './pin-folder.ts'
export { liftMemlockLimit, liftsLimitFor, withLockedMemory } from './rlimit.ts'
export { ignoreSignal, withoutSignals } from './signals.ts'
export { growPipe, tryWrite, type WriteResult } from './try-write.ts'
export { Doorbell, Waiter } from './wait.ts'
